"""Known customers: value and risk of leaving, tags, lists, campaigns."""
