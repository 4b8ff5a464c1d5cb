"""Logging in: a password for a session, which lives by tokens that are traded for new ones."""
