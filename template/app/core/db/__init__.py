"""The database: the engine, the transaction edge, and a server for development."""
