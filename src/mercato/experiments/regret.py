"""Regret: what it would have cost to learn which arm is the best. A simulation."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mercato.experiments.bandit import primary
from mercato.experiments.contingency import conversions
from mercato.experiments.results import build
from mercato.experiments.statistics import (
    MEANS,
    PROPORTIONS,
    Arms,
    only,
    read_arms,
    texts,
)

REGRET_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ["experiment_id", "metric_id", "policy"]]
    + [("batch_number", pa.int64()), ("unit_count", pa.int64())]
    + [
        (name, pa.float64())
        for name in [
            "cumulative_regret",
            "cumulative_regret_standard_error",
            "best_arm_share",
        ]
    ]
)
# A batch is divided by so many draws from the posterior.
_DRAWS = 32


class _Truth(NamedTuple):
    """Arms of one experiment, as if what was observed were true; (k,) each.

    Values are turned so that higher ones are better. A standard deviation of None
    stands for rates, whose mean tells it.
    """

    mean: np.ndarray
    standard_deviation: np.ndarray | None


class _Seen(NamedTuple):
    """Units of each run and arm so far, and the sums of their values; (runs, k)."""

    count: np.ndarray
    total: np.ndarray


def regret_simulation(
    statistics: pa.Table,
    *,
    horizon: int,
    batch: int,
    runs: int,
    seed: int,
    exploration_floor: float = 0.05,
    epsilon: float = 0.1,
) -> pa.Table:
    """Simulate how much policies lose against the best arm, were it known.

    statistics is of STATISTICS_SCHEMA. Of each experiment whose primary metric is a
    proportion, retention, count or mean, the observed means (and variances) of the arms
    over everybody are taken for the truth, and `horizon` new units are drawn from it in
    batches, `runs` times. Experiments with one variant, an arm of less than two units
    or no primary metric of these kinds are left out. This is no result of an
    experiment: it says what a rule of allocation would cost if it were so.

    The policies learn from the batches before: 'thompson' gives an arm the probability
    of being the best (Beta(1, 1) before the first unit; of means one unit at the mean
    of all arms), 'epsilon_greedy' gives 1 - epsilon to the highest mean, both the rest
    evenly, of 'thompson' as much as leaves exploration_floor for each arm; 'even_split'
    does not learn.

    The result is of REGRET_SCHEMA, one row per experiment, metric, policy and batch,
    sorted. cumulative_regret is the mean over the runs of the units so far times what
    their arms are worse by than the best one, in the metric's unit, with its standard
    error; best_arm_share is the share of the batch's units on the best arms. An
    experiment's rows do not depend on the others.

    Raises ValueError where statistics are refused by read_arms or conversions, horizon,
    batch or runs is below 1, or a share is not at least 0 and at most 1.
    """
    for name, number in [("horizon", horizon), ("batch", batch), ("runs", runs)]:
        if number < 1:
            raise ValueError(f"{name} == {number}, must be >= 1.")
    for name, share in [("exploration_floor", exploration_floor), ("epsilon", epsilon)]:
        if not 0 <= share <= 1:
            raise ValueError(f"{name} == {share}, must be >= 0 and <= 1.")
    sizes = np.diff([*range(0, horizon, batch), horizon])
    tables = [REGRET_SCHEMA.empty_table()]
    for kinds in (PROPORTIONS, MEANS):
        arms = read_arms(only(primary(statistics), kinds))
        for rows in _groups(arms):
            truth = _truth(arms, rows, is_rate=kinds == PROPORTIONS)
            keys = {
                name: texts(arms.rows, name)[rows[0]]
                for name in ("experiment_id", "metric_id")
            }
            policies = {
                "thompson": (_thompson, min(exploration_floor, 1 / len(rows))),
                "epsilon_greedy": (_greedy, epsilon / len(rows)),
                "even_split": (None, 1 / len(rows)),
            }
            for policy, (choose, least) in policies.items():
                # Neither other experiments nor other policies move the draws.
                place = zlib.crc32("\x1f".join([*keys.values(), policy]).encode())
                random = np.random.default_rng([seed, place])
                weights = _simulated(truth, choose, least, sizes, runs, random)
                tables.append(_rows(keys | {"policy": policy}, truth, sizes, weights))
    order = ["experiment_id", "metric_id", "policy", "batch_number"]
    found = pa.concat_tables(tables).sort_by([(name, "ascending") for name in order])
    return found.combine_chunks()


def _groups(arms: Arms) -> list[np.ndarray]:
    """Return the numbers of the arms of each group that can be simulated."""
    if not len(arms.count):
        return []
    starts = np.flatnonzero(np.diff(arms.group)) + 1
    groups = np.split(np.arange(len(arms.count)), starts)
    return [rows for rows in groups if len(rows) > 1 and arms.count[rows].min() > 1]


def _truth(arms: Arms, rows: np.ndarray, *, is_rate: bool) -> _Truth:
    is_decrease = texts(arms.rows, "direction")[rows[0]] == "decrease"
    if is_rate:
        rate = conversions(arms)[rows] / arms.count[rows]
        return _Truth(1 - rate if is_decrease else rate, None)
    mean = arms.mean[rows, 0]
    spread = np.sqrt(arms.covariance[rows, 0, 0])
    return _Truth(-mean if is_decrease else mean, spread)


def _simulated(
    truth: _Truth,
    choose: Callable[[_Truth, _Seen, np.random.Generator], np.ndarray] | None,
    least: float,
    sizes: np.ndarray,
    runs: int,
    random: np.random.Generator,
) -> np.ndarray:
    """Return the share of each batch that each arm gets, (batches, runs, k)."""
    count = len(truth.mean)
    weights = np.full((len(sizes), runs, count), 1 / count)
    if choose is None:
        return weights
    seen = _Seen(np.zeros((runs, count)), np.zeros((runs, count)))
    for number, size in enumerate(sizes):
        chosen = choose(truth, seen, random)
        weights[number] = least + (1 - count * least) * chosen
        units = random.multinomial(size, weights[number])
        if truth.standard_deviation is None:
            total = random.binomial(units, truth.mean)
        else:
            noise = truth.standard_deviation * np.sqrt(units)
            total = random.normal(units * truth.mean, noise)
        seen = _Seen(seen.count + units, seen.total + total)
    return weights


def _thompson(truth: _Truth, seen: _Seen, random: np.random.Generator) -> np.ndarray:
    """Return how often each arm is the best in draws from the posterior."""
    shape = (_DRAWS, *seen.count.shape)
    if truth.standard_deviation is None:
        drawn = random.beta(1 + seen.total, 1 + seen.count - seen.total, shape)
    else:
        error = truth.standard_deviation / np.sqrt(seen.count + 1)
        drawn = random.normal(_means(truth, seen), error, shape)
    return _is_highest(drawn).mean(axis=0)


def _greedy(truth: _Truth, seen: _Seen, random: np.random.Generator) -> np.ndarray:
    """Return 1 for the arm of the highest mean, a share for each of several."""
    best = _means(truth, seen)
    best = best == best.max(axis=-1, keepdims=True)
    return best / best.sum(axis=-1, keepdims=True)


def _means(truth: _Truth, seen: _Seen) -> np.ndarray:
    """Return the means of arms (runs, k) with what is held of them before."""
    if truth.standard_deviation is None:
        return (seen.total + 1) / (seen.count + 2)
    return (seen.total + truth.mean.mean()) / (seen.count + 1)


def _is_highest(drawn: np.ndarray) -> np.ndarray:
    return drawn.argmax(axis=-1)[..., None] == np.arange(drawn.shape[-1])


def _rows(
    keys: dict[str, str], truth: _Truth, sizes: np.ndarray, weights: np.ndarray
) -> pa.Table:
    """Return the rows of one policy; weights are (batches, runs, k)."""
    gap = truth.mean.max() - truth.mean
    regret = np.cumsum(sizes[:, None] * (weights @ gap), axis=0)
    runs = regret.shape[1]
    error = np.full(len(sizes), np.nan)
    if runs > 1:
        error = regret.std(axis=1, ddof=1) / np.sqrt(runs)
    columns = keys | {
        "batch_number": np.arange(1, len(sizes) + 1),
        "unit_count": np.cumsum(sizes),
        "cumulative_regret": regret.mean(axis=1),
        "cumulative_regret_standard_error": error,
        "best_arm_share": (weights @ (gap == 0)).mean(axis=1),
    }
    return build(columns, len(sizes), REGRET_SCHEMA)
