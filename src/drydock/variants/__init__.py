"""The variants of a template, computed from its interview: listed, run, reported."""
