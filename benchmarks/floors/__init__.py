"""What somebody would write by hand for one purpose, with nothing around it. Each runs in the
service's environment, so both sides have the same versions.
"""
