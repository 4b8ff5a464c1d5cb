"""The audit log: what happened to accounts and their sessions, and who did it."""
