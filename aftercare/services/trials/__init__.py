"""Choices that are tried and learned from: only such as are safe, never money."""
