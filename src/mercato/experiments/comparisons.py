"""Comparisons: what one method says of variants beside their controls."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mercato.experiments.effects import Estimates, interval, relative, t_test
from mercato.experiments.results import TESTED
from mercato.experiments.statistics import Arms, Pairs


class Comparison(NamedTuple):
    """One method's estimates of k pairs, with the status of each.

    estimand says in words what the effect is. columns holds what the method reports
    itself, instead of or beyond the t test of the estimates, by column of
    RESULTS_SCHEMA.
    """

    method: str
    estimand: str
    estimates: Estimates
    status: np.ndarray
    columns: dict[str, Any]


def compared(
    method: str,
    estimand: str,
    arms: Arms,
    pairs: Pairs,
    estimates: Estimates,
    *,
    least_units: int = 2,
    undefined: str = "too few units",
    columns: dict[str, Any] | None = None,
) -> Comparison:
    """Return estimates as a comparison, saying of each pair whether there is a test.

    status is 'ok', or the first that holds of: the pair's own status, 'no exposures'
    (of an arm), 'too few units' (an arm has less than least_units), undefined (an
    estimate is NaN), 'no variation' (both variances are 0).
    """
    known = pairs.is_known
    estimates = estimates._replace(
        control_value=np.where(known, estimates.control_value, np.nan),
        control_variance=np.where(known, estimates.control_variance, np.nan),
    )
    units = np.minimum(arms.count[pairs.treated], arms.count[pairs.control])
    error = estimates.standard_error
    status = np.select(
        [
            ~known,
            units == 0,
            units < least_units,
            ~np.isfinite(estimates.effect + error),
            error == 0,
        ],
        [pairs.status, "no exposures", "too few units", undefined, "no variation"],
        default="ok",
    )
    return Comparison(method, estimand, estimates, status.astype(object), columns or {})


def variance_reduction(estimates: Estimates, plain: Estimates) -> np.ndarray:
    """Return 1 - squared standard error / that of the plain estimates, shape (k,).

    NaN where the plain estimates have none.
    """
    before = plain.variance + plain.control_variance
    after = estimates.variance + estimates.control_variance
    share = np.full_like(after, np.nan)
    np.divide(after, before, out=share, where=before > 0)
    return 1 - share


def result_columns(comparison: Comparison, level: float) -> dict[str, Any]:
    """Return the columns of RESULTS_SCHEMA that a comparison fills.

    Values and effects stand wherever they are defined; interval, standard error and
    test only where the status has them. Infinite degrees of freedom are null.
    """
    estimates = comparison.estimates
    tested = np.isin(comparison.status, TESTED)
    statistic, p_value = t_test(estimates)
    lower, upper = interval(estimates, level)
    change, change_lower, change_upper = relative(estimates, level)
    freedom = estimates.degrees_of_freedom
    columns = {
        "effect_lower": lower,
        "effect_upper": upper,
        "relative_effect_lower": change_lower,
        "relative_effect_upper": change_upper,
        "standard_error": estimates.standard_error,
        "statistic": statistic,
        "degrees_of_freedom": np.where(np.isinf(freedom), np.nan, freedom),
        "p_value": p_value,
    } | comparison.columns
    return {
        "method": comparison.method,
        "estimand": comparison.estimand,
        "correction": "none",
        "value": estimates.value,
        "control_value": estimates.control_value,
        "effect": estimates.effect,
        "relative_effect": change,
        "confidence_level": level,
        "status": comparison.status,
    } | {name: _only(tested, column) for name, column in columns.items()}


def _only(tested: np.ndarray, column: Any) -> Any:
    """Blank what belongs to comparisons without a test."""
    if column.dtype.kind == "f":
        return np.where(tested, column, np.nan)
    return np.where(tested, column, None)
