"""SQLAlchemy models and the unit of work."""
