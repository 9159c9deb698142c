"""Quantiles: sample quantiles compared by the intervals that order statistics give."""

from __future__ import annotations

import numpy as np
from scipy import special

from mercato.experiments.comparisons import Comparison, compared
from mercato.experiments.effects import Estimates
from mercato.experiments.statistics import Arms, Pairs, numbers

# The intervals around quantiles that SQL reads off the order statistics.
QUANTILE_INTERVAL_LEVEL = 0.95


def order_statistics(arms: Arms, pairs: Pairs) -> Comparison:
    """Compare a quantile of y in two arms.

    The sample quantiles come with the values at the ranks n q -+ 1.96 sqrt(n q (1 -
    q)), a distribution-free 95 % interval; its width / (2 * 1.96) is the standard
    error, and the difference of the quantiles normal (Deng, Knoblich & Lu 2018, KDD,
    section 4). For outcomes of units, which are independent. Where many units have the
    same value at the quantile, the interval is too narrow or nothing: 'no variation'.
    """
    value = numbers(arms.rows, "quantile_value")
    width = numbers(arms.rows, "quantile_upper") - numbers(arms.rows, "quantile_lower")
    z = special.ndtri((1 + QUANTILE_INTERVAL_LEVEL) / 2)
    variance = (width / (2 * z)) ** 2
    estimates = Estimates(
        value=value[pairs.treated],
        variance=variance[pairs.treated],
        control_value=value[pairs.control],
        control_variance=variance[pairs.control],
        degrees_of_freedom=np.full(len(pairs.treated), np.inf),
    )
    return compared(
        "order_statistics", "difference of quantiles", arms, pairs, estimates
    )
