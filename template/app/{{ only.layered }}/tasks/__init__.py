"""What runs in the background: a module for each feature."""
