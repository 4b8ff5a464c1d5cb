"""Logging in: a password for an access token."""
