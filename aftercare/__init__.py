"""Aftercare: after-sales service for online shops."""
