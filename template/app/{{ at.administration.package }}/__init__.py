"""Administration: what is decided about the accounts of others."""
