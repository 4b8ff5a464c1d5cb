"""What comes in and what goes out, a module for each feature."""
