"""What customers ask about: clusters with names, new ones, parts that fail."""

from analytics.topics.clusters import Topic, new_topics, topics
from analytics.topics.faults import fault_graph, likely_parts

__all__ = ["Topic", "fault_graph", "likely_parts", "new_topics", "topics"]
