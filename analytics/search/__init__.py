"""Finding the article that answers a question, and questions that are alike."""

from analytics.search.groups import groups
from analytics.search.index import Document, Hit, QuestionIndex

__all__ = ["Document", "Hit", "QuestionIndex", "groups"]
