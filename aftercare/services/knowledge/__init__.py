"""The knowledge base: articles people approve, found by the questions they answer."""
