"""A feature that exists only in tests: a number, and an update that asks for its version."""
