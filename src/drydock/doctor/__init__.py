"""Looks at what a service needs on this machine, and says what to type where something is amiss."""
