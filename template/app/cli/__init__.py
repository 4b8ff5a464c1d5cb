"""The service's own commands. Each imports what it needs when it runs, so `--help` is quick."""
