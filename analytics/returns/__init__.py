"""Why goods come back: what customers' words name, and how sure that is."""

from analytics.returns.causes import Cause, labels, named_causes, rank_causes

__all__ = ["Cause", "labels", "named_causes", "rank_causes"]
