"""Fewer returns: what comes back and why, and what else could be offered first."""
