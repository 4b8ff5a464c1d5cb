"""How a request gets what it needs, a module for each feature."""
