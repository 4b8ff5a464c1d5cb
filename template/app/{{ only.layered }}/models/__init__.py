"""Tables, a module for each feature."""
