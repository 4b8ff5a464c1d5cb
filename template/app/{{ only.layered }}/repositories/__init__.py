"""Queries, a module for each feature; only its own service may ask them."""
