"""Brings a service to a later release of its template, and loses nothing."""
