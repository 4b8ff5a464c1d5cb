"""API keys: programs that call for somebody, with scopes of their own."""
