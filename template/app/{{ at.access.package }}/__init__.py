"""Access: who may call an operation."""
