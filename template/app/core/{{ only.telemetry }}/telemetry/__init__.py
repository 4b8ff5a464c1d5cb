"""Traces and metrics, with OpenTelemetry: what makes them, and what sends them.

Only `providers.py` and what it imports load the SDK, and only where a variable OTEL_… names a way.
"""
