"""The service. `main.py` builds it, `registry.py` lists its features."""
