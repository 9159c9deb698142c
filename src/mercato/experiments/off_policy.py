"""Off-policy evaluation: what another policy would have earned, from what was logged.

A log says what was shown, with which probability, and what came of it. A target policy
would have shown the same thing with another probability: each exposure counts with the
weight w = target probability / logged probability.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.experiments.effects import check_level
from mercato.experiments.results import build

# Totals of a unit, such as a customer: exposures, their weights w, their rewards r, the
# weighted rewards w r, and their doubly robust scores s.
TOTALS = "ewrvs"
PRODUCTS = [a + b for i, a in enumerate(TOTALS) for b in TOTALS[i:]]
LOGGED_SCHEMA = pa.schema(
    [("policy_name", pa.string()), ("unit_count", pa.int64())]
    + [(f"sum_{name}", pa.float64()) for name in [*TOTALS, *PRODUCTS]]
    + [
        (name, pa.float64())
        for name in ["weight_square_sum", "largest_weight", "coverage_sum"]
    ]
)
POLICY_VALUES_SCHEMA = pa.schema(
    [("policy_name", pa.string()), ("estimator", pa.string())]
    + [("unit_count", pa.int64()), ("exposure_count", pa.int64())]
    + [
        (name, pa.float64())
        for name in [
            "coverage",
            "mean_weight",
            "largest_weight",
            "effective_sample_size",
            "effective_unit_count",
            "logged_value",
            "value",
            "value_lower",
            "value_upper",
            "standard_error",
            "effect",
            "effect_lower",
            "effect_upper",
            "effect_standard_error",
            "confidence_level",
        ]
    ]
    + [("status", pa.string())]
)
# Each estimator is a ratio of two sums.
ESTIMATORS = {"ips": ("v", "e"), "snips": ("v", "w"), "doubly_robust": ("s", "e")}


class _Log(NamedTuple):
    """Sums over the units of each of p policies: totals (p, 5), products (p, 5, 5)."""

    units: np.ndarray
    totals: np.ndarray
    products: np.ndarray

    def total(self, name: str) -> np.ndarray:
        return self.totals[:, TOTALS.index(name)]


def policy_values(
    logged: pa.Table,
    *,
    confidence_level: float = 0.95,
    minimum_effective_sample_size: float = 100.0,
    minimum_effective_units: float = 30.0,
    minimum_coverage: float = 0.95,
) -> pa.Table:
    """Estimate each policy's mean reward per exposure; POLICY_VALUES_SCHEMA, sorted.

    logged is of LOGGED_SCHEMA, one row per policy: unit_count units (customers, say),
    which are independent of each other as the exposures of one need not be; the sums
    over units of their totals e (exposures), w, r, v = w r and s, and of the products
    of these totals; over exposures, the sum of w^2, the largest w and the sum of how
    probably the policy shows anything that the log ever shows. s is the doubly robust
    score q_pi + w (r - q): q is a guess of the reward of what was shown, made without
    the unit, q_pi the mean guess of what the target policy shows.

    One row per policy and estimator:

    - ips, sum v / sum e: unbiased (Horvitz & Thompson 1952, JASA 47)
    - snips, sum v / sum w: less variance for a bias that vanishes (Swaminathan &
      Joachims 2015, NIPS 28)
    - doubly_robust, sum s / sum e: unbiased as ips is, whatever q, and of the less
      variance the better q (Dudík, Langford & Li 2011, ICML 28)

    Standard errors are those of a ratio of sums over units, by the delta method
    (Cochran 1977, Sampling Techniques, section 6.4). logged_value is the mean reward
    that was earned, effect the value less this, its interval taking account of both
    being from the same log. effective_sample_size is (sum w)^2 / sum w^2 over exposures
    (Kish 1965, Survey Sampling), effective_unit_count the same over units; intervals
    are of Student's t with one degree of freedom less than that. mean_weight is about
    coverage where the logged probabilities are right.

    status is 'ok' or says why there are no estimates: 'no exposures', 'no overlap' (all
    weights are 0), 'too few units' (effective_sample_size or effective_unit_count is
    below its minimum), 'no variation' (nothing was earned, or always the same) and
    'partial overlap' (coverage is below minimum_coverage). What the log never shows has
    an unknown value, so there is no ips and no doubly_robust then; snips has one, that
    of the policy when it shows what the log could show.

    Raises ValueError where a value is null or not finite, a count or weight negative,
    or a policy there twice, where confidence_level is not between 0 and 1,
    minimum_effective_units below 2 or another minimum below 0.
    """
    check_level("confidence_level", confidence_level)
    minimums = {
        "minimum_effective_sample_size": minimum_effective_sample_size,
        "minimum_effective_units": minimum_effective_units,
        "minimum_coverage": minimum_coverage,
    }
    for name, minimum in minimums.items():
        bound = 2 if name == "minimum_effective_units" else 0
        if not minimum >= bound:
            raise ValueError(f"{name} == {minimum}, must be >= {bound}.")
    rows = _checked(logged)
    log = _read(rows)
    reach = _reach(rows, log)
    # Few effective units make intervals wider, as few units do.
    freedom = np.maximum(reach["effective_unit_count"] - 1, 1)
    half = special.stdtrit(freedom, (1 + confidence_level) / 2)
    tables = []
    for estimator, sums in ESTIMATORS.items():
        estimates = _estimates(log, sums, half)
        error = estimates["standard_error"]
        status = _status(log, reach, error, *minimums.values())
        known = status == "ok"
        if estimator == "snips":
            known |= status == "partial overlap"
        columns = {
            name: np.where(known, column, np.nan) for name, column in estimates.items()
        }
        columns |= reach | {
            "policy_name": rows["policy_name"],
            "estimator": estimator,
            "confidence_level": confidence_level,
            "status": status,
        }
        tables.append(build(columns, rows.num_rows, POLICY_VALUES_SCHEMA))
    order = [("policy_name", "ascending"), ("estimator", "ascending")]
    return pa.concat_tables(tables).sort_by(order).combine_chunks()


def _checked(logged: pa.Table) -> pa.Table:
    """Cast to the schema; refuse what no log can hold."""
    rows = logged.select(LOGGED_SCHEMA.names).cast(LOGGED_SCHEMA)
    rows = rows.sort_by("policy_name").combine_chunks()
    for name in LOGGED_SCHEMA.names:
        if rows[name].null_count:
            raise ValueError(f"{name} has {rows[name].null_count} nulls, must be 0.")
    names = rows["policy_name"].to_numpy()
    repeated = np.zeros(len(names), dtype=bool)
    repeated[1:] = names[1:] == names[:-1]
    _refuse(rows, "policy_name", repeated, "unique")
    # Rewards and scores, and what they are multiplied with, may be negative.
    signed = {f"sum_{name}" for name in [*TOTALS, *PRODUCTS] if set(name) & set("rvs")}
    for name in LOGGED_SCHEMA.names[1:]:
        values = rows[name].to_numpy().astype(float)
        _refuse(rows, name, ~np.isfinite(values), "finite")
        if name not in signed:
            _refuse(rows, name, values < 0, ">= 0")
    return rows


def _refuse(rows: pa.Table, name: str, bad: np.ndarray, bound: str) -> None:
    """Raise for the first bad row, naming its policy."""
    if bad.any():
        row = rows.slice(int(np.argmax(bad)), 1).to_pylist()[0]
        place = f"policy_name {row['policy_name']!r}"
        raise ValueError(f"{name} == {row[name]!r} ({place}), must be {bound}.")


def _read(rows: pa.Table) -> _Log:
    totals = np.stack([rows[f"sum_{name}"].to_numpy() for name in TOTALS], axis=-1)
    products = np.empty((len(totals), len(TOTALS), len(TOTALS)))
    for first, second in PRODUCTS:
        i, j = TOTALS.index(first), TOTALS.index(second)
        products[:, i, j] = rows[f"sum_{first}{second}"].to_numpy()
        products[:, j, i] = products[:, i, j]
    return _Log(rows["unit_count"].to_numpy().astype(float), totals, products)


def _reach(rows: pa.Table, log: _Log) -> dict[str, np.ndarray]:
    """Return how far the log covers each policy, and what it earned, by column."""
    exposures, weight = log.total("e"), log.total("w")
    squares = rows["weight_square_sum"].to_numpy()
    of_units = rows["sum_ww"].to_numpy()
    return {
        "unit_count": log.units,
        "exposure_count": exposures,
        "coverage": _divided(rows["coverage_sum"].to_numpy(), exposures),
        "mean_weight": _divided(weight, exposures),
        "largest_weight": rows["largest_weight"].to_numpy(),
        "effective_sample_size": _divided(weight**2, squares, otherwise=0.0),
        "effective_unit_count": _divided(weight**2, of_units, otherwise=0.0),
        "logged_value": _divided(log.total("r"), exposures),
    }


def _estimates(
    log: _Log, sums: tuple[str, str], half: np.ndarray
) -> dict[str, np.ndarray]:
    """Return one estimator's values and effects, by column.

    The intervals reach half (p,) standard errors to either side.
    """
    value, influence = _ratio(log, *sums)
    logged_value, logged_influence = _ratio(log, "r", "e")
    error = _standard_error(log, influence)
    effect = value - logged_value
    effect_error = _standard_error(log, influence - logged_influence)
    return {
        "value": value,
        "value_lower": value - half * error,
        "value_upper": value + half * error,
        "standard_error": error,
        "effect": effect,
        "effect_lower": effect - half * effect_error,
        "effect_upper": effect + half * effect_error,
        "effect_standard_error": effect_error,
    }


def _ratio(log: _Log, above: str, below: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the ratio of two sums (p,) and its influence function (p, 5).

    The influence of a unit with totals z is influence @ z: what the ratio owes to it.
    """
    ratio = _divided(log.total(above), log.total(below))
    influence = np.zeros_like(log.totals)
    influence[:, TOTALS.index(above)] = _divided(1.0, log.total(below))
    influence[:, TOTALS.index(below)] -= _divided(ratio, log.total(below))
    return ratio, influence


def _standard_error(log: _Log, influence: np.ndarray) -> np.ndarray:
    """Return the standard error of what has this influence function, (p,)."""
    squares = np.einsum("pi,pij,pj->p", influence, log.products, influence)
    terms = np.abs(influence[:, :, None] * log.products * influence[:, None, :])
    # What is left of nearly equal numbers is rounding, not variance.
    squares = np.where(squares <= 1e-12 * terms.sum(axis=(1, 2)), 0.0, squares)
    return np.sqrt(_divided(log.units, log.units - 1) * squares)


def _status(
    log: _Log,
    reach: dict[str, np.ndarray],
    error: np.ndarray,
    sample_size: float,
    units: float,
    coverage: float,
) -> np.ndarray:
    """Return for each policy the first reason that holds, or 'ok', (p,)."""
    reasons = {
        "no exposures": log.total("e") == 0,
        "no overlap": log.total("w") == 0,
        "too few units": (reach["effective_sample_size"] < sample_size)
        | (reach["effective_unit_count"] < units),
        "no variation": ~(error > 0),
        "partial overlap": reach["coverage"] < coverage,
    }
    status = np.select(list(reasons.values()), list(reasons), default="ok")
    return status.astype(object)


def _divided(
    numerator: np.ndarray | float, denominator: np.ndarray, otherwise: float = np.nan
) -> np.ndarray:
    """Divide, with another number wherever the denominator is not above 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator > 0, numerator / denominator, otherwise)
