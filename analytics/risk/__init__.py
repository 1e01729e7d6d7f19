"""What smells of abuse, for a person to look at: scores and reasons only.

Nothing here decides, and nothing here returns yes or no.
"""

from analytics.risk.agents import AgentNote, unusual_agents
from analytics.risk.anomaly import AnomalyEnsemble
from analytics.risk.customers import FEATURES, customer_features, shared_groups
from analytics.risk.model import RiskModel, RiskNote
from analytics.risk.volumes import VolumeNote, unusual_volumes

__all__ = [
    "FEATURES",
    "AgentNote",
    "AnomalyEnsemble",
    "RiskModel",
    "RiskNote",
    "VolumeNote",
    "customer_features",
    "shared_groups",
    "unusual_agents",
    "unusual_volumes",
]
