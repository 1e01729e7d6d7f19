"""What goes with satisfaction: correlations with tests, regressions with errors.

Association, not cause: an unhappy customer also makes a talk long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, pearsonr, spearmanr

FEWEST = 30


@dataclass(frozen=True, slots=True)
class Correlation:
    """One driver beside the score; ``p`` values are Benjamini-Hochberg adjusted."""

    driver: str
    pearson: float
    pearson_p: float
    spearman: float
    spearman_p: float
    count: int


@dataclass(frozen=True, slots=True)
class Drivers:
    """Coefficients per standard deviation of a driver, by driver name.

    ``linear`` and its 95 % interval (HC3 errors) are in points of the score,
    ``ordinal`` in log-odds of a better one; ``inflation`` over 10 warns that
    drivers say the same thing.
    """

    linear: dict[str, tuple[float, float, float]]
    ordinal: dict[str, float]
    ordinal_p: dict[str, float]
    inflation: dict[str, float]
    r_squared: float
    count: int


def correlations(table: pd.DataFrame, score: pd.Series[float]) -> list[Correlation]:
    """Return each column of ``table`` (n, drivers) against ``score`` (n,).

    A driver that never changes is left out; the strongest comes first.
    """
    names = [name for name in table if table[name].nunique() > 1]
    if len(score) < 3 or not names or score.nunique() < 2:
        return []
    linear = [pearsonr(table[name], score) for name in names]
    ranked = [spearmanr(table[name], score) for name in names]
    p_linear = false_discovery_control([float(x.pvalue) for x in linear])
    p_ranked = false_discovery_control([float(x.pvalue) for x in ranked])
    found = [
        Correlation(
            str(name),
            float(linear[i].statistic),
            float(p_linear[i]),
            float(ranked[i].statistic),
            float(p_ranked[i]),
            len(score),
        )
        for i, name in enumerate(names)
    ]
    return sorted(found, key=lambda item: -abs(item.spearman))


def drivers(table: pd.DataFrame, score: pd.Series[float]) -> Drivers | None:
    """Fit both regressions; None with too few answers or nothing that changes."""
    names = [name for name in table if table[name].std() > 0]
    if len(score) < FEWEST or not names or score.nunique() < 2:
        return None
    # Loaded on use: the console starts without it.
    import statsmodels.api as sm
    from statsmodels.miscmodels.ordinal_model import OrderedModel
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    rows = table[names].astype(float)
    z = (rows - rows.mean()) / rows.std()
    design = sm.add_constant(z)
    fitted = sm.OLS(score.astype(float), design).fit(cov_type="HC3")
    spans = fitted.conf_int()
    ordered = OrderedModel(score.astype(int), z, distr="logit")
    ranked = ordered.fit(method="bfgs", disp=False, maxiter=200)
    return Drivers(
        {
            str(n): (
                float(fitted.params[n]),
                float(spans.loc[n, 0]),
                float(spans.loc[n, 1]),
            )
            for n in names
        },
        {str(n): float(ranked.params[n]) for n in names},
        {str(n): float(ranked.pvalues[n]) for n in names},
        {
            str(n): float(variance_inflation_factor(np.asarray(design), place + 1))
            for place, n in enumerate(names)
        },
        float(fitted.rsquared),
        len(score),
    )
