"""What customers ask about: clusters with names, new ones, parts that fail."""

from analytics.topics.clusters import Topic, new_topics, topics
from analytics.topics.faults import fault_graph, likely_parts
from analytics.topics.vectors import Alike, WordVectors

__all__ = [
    "Alike",
    "Topic",
    "WordVectors",
    "fault_graph",
    "likely_parts",
    "new_topics",
    "topics",
]
