"""The lists that change how a customer is served."""

from __future__ import annotations

HIGH, AT_RISK, NONE = "high", "at_risk", "none"
# Good customers who, at their own pace, should long have been back.
LEAVING = 0.6
GOOD_MONEY, BEST_MONEY = 4, 5


def band_of(money: int, segment: str, churn_risk: float) -> str:
    """Return the list a customer is on; ``money`` is the quintile 1…5 of spending."""
    if money >= GOOD_MONEY and (segment == "at_risk" or churn_risk >= LEAVING):
        return AT_RISK
    best = segment == "champion" or money >= BEST_MONEY
    return HIGH if best and churn_risk < LEAVING else NONE
