"""Bandits: what share of the units each arm should get from now on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.experiments.betas import Betas, nodes
from mercato.experiments.contingency import conversions
from mercato.experiments.means import mean_estimates
from mercato.experiments.quantiles import QUANTILE_INTERVAL_LEVEL
from mercato.experiments.ratios import ratio_estimates
from mercato.experiments.results import build
from mercato.experiments.statistics import (
    MEANS,
    PROPORTIONS,
    Arms,
    is_kind,
    numbers,
    only,
    read_arms,
    texts,
)

ALLOCATIONS_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ["experiment_id", "metric_id", "variant"]]
    + [("unit_count", pa.int64())]
    + [
        (name, pa.float64())
        for name in [
            "posterior_mean",
            "posterior_standard_deviation",
            "probability_best",
            "recommended_weight",
            "expected_regret",
        ]
    ]
    + [("status", pa.string())]
)
# Enough for arms whose posteriors are thirty times as narrow as another's.
_NODES = 513
_REACH = 7.5
_ELEMENTS = 2_000_000


class Rates(NamedTuple):
    """Arms whose values are Beta(a, b), both of one shape."""

    a: np.ndarray
    b: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """The means of the values."""
        return Betas(*self).mean

    @property
    def standard_deviation(self) -> np.ndarray:
        """The standard deviations of the values."""
        return np.sqrt(Betas(*self).variance)

    def turned(self, which: np.ndarray) -> Rates:
        """Return 1 - value in the place of those where less is better."""
        return Rates(np.where(which, self.b, self.a), np.where(which, self.a, self.b))

    def nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return values (g, n) and weights of (g,) arms."""
        return nodes(Betas(*self), _NODES)

    def below(self, places: np.ndarray) -> np.ndarray:
        """Return the probabilities (g, n) of (g,) arms lying below the places."""
        return special.betainc(self.a[:, None], self.b[:, None], places)


class Normals(NamedTuple):
    """Arms whose values are normal, of one shape; see Rates."""

    mean: np.ndarray
    standard_deviation: np.ndarray

    def turned(self, which: np.ndarray) -> Normals:
        """Return -value in the place of those where less is better."""
        return Normals(np.where(which, -self.mean, self.mean), self.standard_deviation)

    def nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return values (g, n) and weights of (g,) arms."""
        z = np.linspace(-_REACH, _REACH, _NODES)
        weights = np.exp(-(z**2) / 2)
        places = self.mean[:, None] + self.standard_deviation[:, None] * z
        return places, np.broadcast_to(weights / weights.sum(), places.shape)

    def below(self, places: np.ndarray) -> np.ndarray:
        """Return the probabilities (g, n) of (g,) arms lying below the places."""
        z = (places - self.mean[:, None]) / self.standard_deviation[:, None]
        return special.ndtr(z)


def allocations(
    statistics: pa.Table,
    *,
    exploration_floor: float = 0.05,
    prior_successes: float = 1.0,
    prior_failures: float = 1.0,
) -> pa.Table:
    """Recommend the share of units that each arm should get; ALLOCATIONS_SCHEMA.

    statistics is of STATISTICS_SCHEMA; what counts is the primary metric of everybody.
    One row per experiment, metric and variant, sorted.

    A rate's posterior is Beta(prior_successes + converted, prior_failures + others),
    that of another metric normal around its estimate with the squared standard error as
    variance. probability_best is that of no other arm being better, by quadrature over
    these posteriors. Thompson sampling (1933, Biometrika 25) gives an arm a new unit
    with just this probability; a share of `arms * exploration_floor` is split evenly
    instead, so that each arm gets at least exploration_floor (or 1 / arms, if less):
    recommended_weight = floor + (1 - arms * floor) * probability_best. expected_regret
    is what giving an arm all units from now on costs for each, in the metric's unit:
    the mean of the best arm's value less its own.

    status is 'ok' or says why the weights are even and the other numbers null: 'one
    variant', 'no exposures' (in all arms) and, of metrics that are no rates, 'too few
    units' (an arm has less than two), 'no denominator', 'no variation' (in an arm).

    Raises ValueError where statistics are refused by read_arms or conversions, a prior
    is not above 0 or exploration_floor not at least 0 and at most 1.
    """
    if not 0 <= exploration_floor <= 1:
        raise ValueError(
            f"exploration_floor == {exploration_floor}, must be >= 0 and <= 1."
        )
    for name, prior in [("successes", prior_successes), ("failures", prior_failures)]:
        if not 0 < prior < np.inf:
            raise ValueError(f"prior_{name} == {prior}, must be > 0 and finite.")
    rows = primary(statistics)
    rates = read_arms(only(rows, PROPORTIONS))
    hits = conversions(rates)
    posteriors = Rates(hits + prior_successes, rates.count - hits + prior_failures)
    others = read_arms(only(rows, (*MEANS, "ratio", "quantile")))
    tables = [
        _allocated(rates, posteriors, exploration_floor),
        _allocated(others, _normals(others), exploration_floor),
    ]
    order = ["experiment_id", "metric_id", "variant"]
    found = pa.concat_tables(tables).sort_by([(name, "ascending") for name in order])
    return found.combine_chunks()


def primary(statistics: pa.Table) -> pa.Table:
    """Return the rows of primary metrics over everybody."""
    chosen = statistics["is_primary"].to_numpy().astype(bool)
    if "segment_dimension" in statistics.column_names:
        chosen &= texts(statistics, "segment_dimension") == "all"
    return statistics.filter(pa.array(chosen))


def _normals(arms: Arms) -> Normals:
    value, variance = mean_estimates(arms)
    for kind, estimates in {
        "ratio": ratio_estimates(arms),
        "quantile": _quantile_estimates(arms),
    }.items():
        value = np.where(is_kind(arms, (kind,)), estimates[0], value)
        variance = np.where(is_kind(arms, (kind,)), estimates[1], variance)
    return Normals(value, np.sqrt(variance))


def _quantile_estimates(arms: Arms) -> tuple[np.ndarray, np.ndarray]:
    """Return quantiles (m,) and their variances, as order_statistics compares them."""
    value, lower, upper = (
        numbers(arms.rows, f"quantile_{name}") for name in ("value", "lower", "upper")
    )
    z = special.ndtri((1 + QUANTILE_INTERVAL_LEVEL) / 2)
    return value, ((upper - lower) / (2 * z)) ** 2


def _allocated(
    arms: Arms, posteriors: Rates | Normals, exploration_floor: float
) -> pa.Table:
    """Return the rows of arms whose posteriors are of one family."""
    status = _status(arms, posteriors)
    known = status == "ok"
    size = np.bincount(arms.group)[arms.group]
    better = posteriors.turned(texts(arms.rows, "direction") == "decrease")
    best, regret = np.full((2, len(size)), np.nan)
    for rows in _groups_of_a_size(size, known):
        family = type(better)
        best[rows], regret[rows] = _best(
            [family(*(of[arm] for of in better)) for arm in rows.T]
        )
    floor = np.minimum(exploration_floor, 1 / size)
    columns = {
        name: arms.rows[name]
        for name in ("experiment_id", "metric_id", "variant", "unit_count")
    }
    columns |= {
        "posterior_mean": np.where(known, posteriors.mean, np.nan),
        "posterior_standard_deviation": np.where(
            known, posteriors.standard_deviation, np.nan
        ),
        "probability_best": best,
        "recommended_weight": floor
        + (1 - size * floor) * np.where(known, best, 1 / size),
        "expected_regret": regret,
        "status": status,
    }
    return build(columns, len(size), ALLOCATIONS_SCHEMA)


def _status(arms: Arms, posteriors: Rates | Normals) -> np.ndarray:
    """Say of each arm's group whether its arms can be compared, (m,)."""
    is_normal = isinstance(posteriors, Normals)
    error = posteriors.standard_deviation

    def in_group(condition: np.ndarray) -> np.ndarray:
        return np.bincount(arms.group, condition)[arms.group]

    reasons = {
        "one variant": in_group(np.ones(len(error))) < 2,
        "no exposures": in_group(arms.count) == 0,
        "too few units": in_group(is_normal & (arms.count < 2)) > 0,
        "no denominator": in_group(~np.isfinite(posteriors.mean + error)) > 0,
        "no variation": in_group(is_normal & (error == 0)) > 0,
    }
    status = np.select(list(reasons.values()), list(reasons), default="ok")
    return status.astype(object)


def _groups_of_a_size(size: np.ndarray, known: np.ndarray) -> list[np.ndarray]:
    """Return numbers of arms in tables of a row per group, each of as many arms."""
    found = []
    for count in np.unique(size[known]):
        rows = np.flatnonzero(known & (size == count)).reshape(-1, count)
        parts = len(rows) * _NODES // _ELEMENTS + 1
        found += [part for part in np.array_split(rows, parts) if len(part)]
    return found


def _best(arms: list[Rates] | list[Normals]) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability of each arm being the best, and its expected regret.

    Each of the k arms has the values of g groups; what is returned is (g, k). With f
    and F the density and distribution function of an arm, the integral over x of f_i(x)
    times the product of all other F_j(x) is the probability, that of x times this the
    arm's part of the mean of the highest value.
    """
    best, highest = [], 0.0
    for arm in arms:
        places, weights = arm.nodes()
        for other in arms:
            if other is not arm:
                weights = weights * other.below(places)
        best.append(weights.sum(axis=1))
        highest = highest + (weights * places).sum(axis=1)
    probability = np.stack(best, axis=1)
    probability /= probability.sum(axis=1, keepdims=True)
    means = np.stack([arm.mean for arm in arms], axis=1)
    return probability, np.maximum(np.reshape(highest, (-1, 1)) - means, 0.0)
