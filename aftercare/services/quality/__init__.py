"""The quality audit: every talk against the rules, and people's verdicts on it."""
