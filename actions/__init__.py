"""Custom actions: read the turn, call a service, say what was committed."""
