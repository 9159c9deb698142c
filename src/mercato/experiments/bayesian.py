"""Bayesian results: how probable it is that a variant is better, and by how much.

Nothing is drawn at random: the same sums give the same numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.experiments.betas import Betas, difference
from mercato.experiments.comparisons import Comparison
from mercato.experiments.contingency import conversions
from mercato.experiments.effects import Estimates, check_level
from mercato.experiments.means import welch
from mercato.experiments.quantiles import order_statistics
from mercato.experiments.ratios import delta
from mercato.experiments.results import TESTED, combined, of_pairs
from mercato.experiments.statistics import (
    MEANS,
    PROPORTIONS,
    Arms,
    Pairs,
    only,
    pair,
    read_arms,
    texts,
)

_NORMAL_METHODS = (
    (MEANS, welch),
    (("ratio",), delta),
    (("quantile",), order_statistics),
)


def bayesian_results(
    statistics: pa.Table,
    *,
    confidence_level: float = 0.95,
    prior_successes: float = 1.0,
    prior_failures: float = 1.0,
    prior_relative_effect_sd: float | None = None,
) -> pa.Table:
    """Compare each variant with its control; rows of RESULTS_SCHEMA, sorted.

    statistics is of STATISTICS_SCHEMA. Every row is a 'variant vs control' without a
    p-value, of one of two methods:

    - bayesian_beta (proportion, retention): conversions are binomial, and the rates of
      both arms are Beta(prior_successes, prior_failures) before the first unit. value,
      control_value and effect are posterior means.
    - bayesian_normal (count, mean, ratio, quantile): the effect's likelihood is normal
      around its estimate, with the standard error of Welch, of the delta method or of
      the order statistics. Its prior is flat, or, given prior_relative_effect_sd,
      normal around 0 with so many times the control's value as standard deviation.
      effect is the posterior mean, value and control_value are as observed.

    probability_to_beat_control is that of the variant being better, which is lower
    where direction is 'decrease'. expected_loss is what choosing the variant costs on
    average, in the metric's unit: the mean of by how much it is worse, 0 where it is
    not. standard_error is the posterior standard deviation of the effect. The bounds
    enclose the effect and the relative effect in equal-tailed credible intervals.

    status is 'ok' or says why there are no numbers: 'no control', 'several controls',
    'no exposures', 'too few units', 'no denominator', 'no variation', and, with
    prior_relative_effect_sd, 'no control value' where that is 0.

    Raises ValueError where statistics are refused by read_arms or conversions,
    confidence_level is not between 0 and 1, or a prior is not above 0.
    """
    check_level("confidence_level", confidence_level)
    _refuse_not_positive("prior_successes", prior_successes)
    _refuse_not_positive("prior_failures", prior_failures)
    if prior_relative_effect_sd is not None:
        _refuse_not_positive("prior_relative_effect_sd", prior_relative_effect_sd)
    arms = read_arms(only(statistics, PROPORTIONS))
    pairs = pair(arms)
    prior = (prior_successes, prior_failures)
    columns = _beta_columns(arms, pairs, confidence_level, prior)
    tables = [_rows(arms, pairs, confidence_level, columns)]
    for kinds, method in _NORMAL_METHODS:
        arms = read_arms(only(statistics, kinds))
        pairs = pair(arms)
        columns = _normal_columns(
            method(arms, pairs),
            _is_increase(arms, pairs),
            confidence_level,
            prior_relative_effect_sd,
        )
        tables.append(_rows(arms, pairs, confidence_level, columns))
    return combined(tables)


def _refuse_not_positive(name: str, value: float) -> None:
    if not 0 < value < np.inf:
        raise ValueError(f"{name} == {value}, must be > 0 and finite.")


def _rows(
    arms: Arms, pairs: Pairs, confidence_level: float, columns: dict[str, Any]
) -> pa.Table:
    shared = {
        "correction": "none",
        "confidence_level": confidence_level,
        "is_default": False,
    }
    return of_pairs(arms, pairs, shared | columns)


def _is_increase(arms: Arms, pairs: Pairs) -> np.ndarray:
    """Whether more is better, for each pair."""
    return texts(arms.rows, "direction")[pairs.treated] == "increase"


def _beta_columns(
    arms: Arms, pairs: Pairs, level: float, prior: tuple[float, float]
) -> dict[str, Any]:
    hits, units = conversions(arms), arms.count
    posterior = Betas(hits + prior[0], units - hits + prior[1])
    treated, control = pairs.treated, pairs.control
    converted, exposed = hits[treated] + hits[control], units[treated] + units[control]
    status = np.select(
        [
            ~pairs.is_known,
            (units[treated] == 0) | (units[control] == 0),
            (converted == 0) | (converted == exposed),
        ],
        [pairs.status, "no exposures", "no variation"],
        default="ok",
    ).astype(object)
    value = np.where(units > 0, posterior.mean, np.nan)
    control_value = np.where(pairs.is_known, value[control], np.nan)
    tested = status == "ok"
    variant, other = (posterior.take(side[tested]) for side in (treated, control))
    found = difference(variant, other, level)
    effect, increase = variant.mean - other.mean, _is_increase(arms, pairs)[tested]
    above, shortfall = found.probability_above, found.expected_shortfall
    excess = np.maximum(shortfall + effect, 0.0)
    columns = {
        "effect_lower": found.lower,
        "effect_upper": found.upper,
        "relative_effect_lower": found.ratio_lower - 1,
        "relative_effect_upper": found.ratio_upper - 1,
        "standard_error": np.sqrt(variant.variance + other.variance),
        "probability_to_beat_control": np.where(increase, above, 1 - above),
        "expected_loss": np.where(increase, shortfall, excess),
    }
    return {
        "method": "bayesian_beta",
        "estimand": "difference of rates",
        "value": value[treated],
        "control_value": control_value,
        "effect": value[treated] - control_value,
        "relative_effect": value[treated] / control_value - 1,
        "status": status,
    } | {name: _spread(tested, column) for name, column in columns.items()}


def _spread(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Put the values at their rows, NaN at the others."""
    column = np.full(len(rows), np.nan)
    column[rows] = values
    return column


def _normal_columns(
    comparison: Comparison, is_increase: np.ndarray, level: float, sd: float | None
) -> dict[str, Any]:
    estimates = comparison.estimates
    status = comparison.status.copy()
    if sd is not None:
        status[(status == "ok") & (estimates.control_value == 0)] = "no control value"
    tested = np.isin(status, TESTED)
    effect, error, log_ratio, log_error = _posterior(estimates, sd)
    half = special.ndtri((1 + level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(is_increase, effect, -effect)
        z = np.where(tested, gain / error, np.nan)
    # E max(-X, 0) of a normal X, as in the value of information of a decision
    normal = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    loss = error * (normal - z * special.ndtr(-z))
    columns = {
        "effect_lower": effect - half * error,
        "effect_upper": effect + half * error,
        "relative_effect_lower": np.exp(log_ratio - half * log_error) - 1,
        "relative_effect_upper": np.exp(log_ratio + half * log_error) - 1,
        "standard_error": error,
        "probability_to_beat_control": special.ndtr(z),
        # far out the two nearly equal terms leave rounding
        "expected_loss": np.maximum(loss, 0.0),
    }
    return {
        "method": "bayesian_normal",
        "estimand": comparison.estimand,
        "value": estimates.value,
        "control_value": estimates.control_value,
        "effect": effect,
        "relative_effect": np.exp(log_ratio) - 1,
        "status": status,
    } | {name: np.where(tested, column, np.nan) for name, column in columns.items()}


def _posterior(
    estimates: Estimates, sd: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return mean and standard deviation of the effect and of the log of the ratio.

    The logarithm of value / control_value is taken for normal as well, with the delta
    method's variance; NaN where the two have different signs or one is 0.
    """
    value, control = estimates.value, estimates.control_value
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = value / control
        logarithm = np.log(np.where(np.isfinite(ratio) & (ratio > 0), ratio, np.nan))
        log_variance = (
            estimates.variance / value**2 + estimates.control_variance / control**2
        )
        variance = estimates.variance + estimates.control_variance
        if sd is None:
            keep = log_keep = 1.0
        else:
            # prior variance / (prior variance + variance), in units of the control
            keep = (sd * control) ** 2 / ((sd * control) ** 2 + variance)
            log_keep = sd**2 / (sd**2 + log_variance)
        return (
            keep * estimates.effect,
            np.sqrt(keep * variance),
            log_keep * logarithm,
            np.sqrt(log_keep * log_variance),
        )
