"""The console's HTTP API and its live events."""
