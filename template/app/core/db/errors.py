class DatabaseInUse(Exception):
    """Others kept for too long what a migration needs; the message says so, and what to do."""
