"""The example resource: a whole feature, to copy from."""
