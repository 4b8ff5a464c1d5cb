"""What is said over HTTP, a module for each feature."""
