"""How the owner of an account proves it, and changes what proves it: an address, a password."""
