"""Decisions, a module for each feature."""
