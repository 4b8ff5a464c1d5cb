"""Shows what answers would make, and how that differs from other answers; writes nothing."""
