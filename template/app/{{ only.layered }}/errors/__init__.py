"""What can go wrong, a module for each feature."""
