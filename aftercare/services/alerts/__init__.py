"""Alerts: detected, grouped, explained, told, assigned, closed."""
