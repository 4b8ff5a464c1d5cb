"""Ratios of a generated service to hand-written floors: `make bench`. No test asserts a time."""
