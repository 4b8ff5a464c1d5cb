"""Accounts: who is known to the service."""
