"""The use cases of the agents' console."""
