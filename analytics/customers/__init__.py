"""Who buys how much, who is leaving, and whom one may write to."""

from analytics.customers.lift import Lift, lift
from analytics.customers.lists import Contact, may_contact
from analytics.customers.value import SEGMENTS, segments, value

__all__ = ["SEGMENTS", "Contact", "Lift", "lift", "may_contact", "segments", "value"]
