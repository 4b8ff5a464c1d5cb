"""How every request is received, whatever feature it is for."""
