"""The command `drydock`: FastAPI services from a few answers."""
