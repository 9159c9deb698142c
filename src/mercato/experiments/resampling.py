"""Simulated experiments: arms drawn from a population, summed up as SQL does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.experiments.means import mean_estimates
from mercato.experiments.populations import Population, Treatment
from mercato.experiments.ratios import ratio_estimates
from mercato.experiments.results import build
from mercato.experiments.statistics import (
    PRODUCTS,
    PROPORTIONS,
    STATISTICS_SCHEMA,
    VARIABLES,
    read_arms,
)

# The dimension of segments that the strata of a population are.
STRATUM = "stratum"
# What is summed over units; on a single day nobody asks for covariates.
SUMS = ["count", *VARIABLES, *PRODUCTS]
DAY_SUMS = ["count", "y", "d", "yy", "yd", "dd"]
# A larger relative effect would be no experiment.
MOST_EFFECT = 3.0
# Any date will do.
FIRST_DATE = np.datetime64("2000-01-01")
# Counts of units that are held at a time, and experiments that are.
_BLOCK_COUNTS = 4_000_000
_BLOCK_EXPERIMENTS = 2_000


class Truth(NamedTuple):
    """What an arm's metric is in expectation, in the end and on each day (t,).

    NaN where no unit counts or a denominator is 0.
    """

    value: float
    by_day: np.ndarray


class Experiments(NamedTuple):
    """Simulated experiments of a control and a treated arm, numbered from 0.

    statistics are of STATISTICS_SCHEMA, with the strata as segments; statistics_by_day
    have a column observed_date instead of segments.
    """

    count: int
    statistics: pa.Table
    statistics_by_day: pa.Table


class _Sums(NamedTuple):
    """Sums over the units of arms: (..., s, 15) by stratum and (..., t, 6) by day."""

    by_stratum: np.ndarray
    by_day: np.ndarray


class _Summands(NamedTuple):
    """What each unit adds to the sums that are not always 0: values (u, c).

    place (c,) tells which of all those by stratum and by day, of these shapes.
    """

    values: np.ndarray
    place: np.ndarray
    shapes: tuple[tuple[int, int], tuple[int, int]]


def simulated(
    population: Population,
    treatment: Treatment,
    *,
    simulation_count: int,
    random: np.random.Generator,
) -> Iterator[Experiments]:
    """Yield experiments in blocks, simulation_count in all.

    Each draws as many units as the population has, with replacement, and gives each an
    even chance of either arm; the treated arm has them as the treatment makes them.
    """
    nobody = np.zeros(len(population.values))
    arms = [
        (_summands(of.population), _summands(of.converted), of.converted_share)
        for of in (Treatment(population, population, nobody), treatment)
    ]
    for start in range(0, simulation_count, _BLOCK_EXPERIMENTS):
        count = min(_BLOCK_EXPERIMENTS, simulation_count - start)
        sums = _drawn_sums(arms, count, random)
        yield Experiments(
            count,
            _statistics(population, sums.by_stratum),
            _statistics_by_day(population, sums.by_day),
        )


def expectation(treatment: Treatment) -> Truth:
    """Return what an arm's metric is when every unit is drawn as often as expected."""
    share = treatment.converted_share[None]
    sums = _added(
        _summed(1 - share, _summands(treatment.population)),
        _summed(share, _summands(treatment.converted)),
    )
    base = "d" if treatment.population.metric_kind == "ratio" else "count"
    total, by_day = sums.by_stratum[0].sum(axis=0), sums.by_day[0]
    value = _divided(total[SUMS.index("y")], total[SUMS.index(base)])
    daily = _divided(by_day[:, DAY_SUMS.index("y")], by_day[:, DAY_SUMS.index(base)])
    return Truth(float(value), daily)


def detectable_effect(
    population: Population, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Return the relative effect that one look finds with a given power.

    The two-sided normal test of two arms, each of half the units; the variance of the
    treated one grows with the effect, as plant makes it. 0 where the metric's value is
    0; at most 3, and of a rate nine tenths of what would lead to 1.
    """
    units = len(population.values)
    value, variance = _estimate(population)
    if not (abs(value) > 0 and variance > 0):
        return 0.0
    is_rate = population.metric_kind in PROPORTIONS
    most = min(MOST_EFFECT, 0.9 * (1 - value) / value) if is_rate else MOST_EFFECT
    reach = special.ndtri(1 - alpha / 2) + special.ndtri(power)
    effect = 0.0
    for _ in range(100):
        rate = value * (1 + effect)
        raised = rate * (1 - rate) if is_rate else variance * (1 + effect) ** 2
        error = np.sqrt((variance + raised) / (units / 2))
        effect = min(float(reach * error / abs(value)), most)
    return effect


def _estimate(population: Population) -> tuple[float, float]:
    """Return the value of a metric and the variance that one unit has of it."""
    summands = _summands(population)
    units = len(population.values)
    sums = _summed(np.ones((1, units)), summands)
    table = _statistics(population, np.stack([sums.by_stratum] * 2, axis=1))
    arms = read_arms(table.slice(0, 1))
    is_ratio = population.metric_kind == "ratio"
    value, variance = (ratio_estimates if is_ratio else mean_estimates)(arms)
    return float(value[0]), float(variance[0]) * units


def _divided(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    empty = np.full_like(numerator, np.nan)
    return np.divide(numerator, denominator, out=empty, where=denominator != 0)


def _summands(population: Population) -> _Summands:
    units, strata = len(population.values), len(population.strata)
    one = np.ones((units, 1))
    products = [
        population.values[:, VARIABLES.index(i)]
        * population.values[:, VARIABLES.index(j)]
        for i, j in PRODUCTS
    ]
    whole = np.concatenate([one, population.values, np.stack(products, axis=1)], axis=1)
    by_stratum = np.zeros((units, strata, len(SUMS)))
    by_stratum[np.arange(units), population.stratum] = whole
    y, d = population.values_by_day[:, :, 0], population.values_by_day[:, :, 1]
    by_day = np.stack([population.is_there, y, d, y * y, y * d, d * d], axis=2)
    values = np.concatenate(
        [by_stratum.reshape(units, -1), by_day.reshape(units, -1)], axis=1
    )
    place = np.flatnonzero(values.any(axis=0))
    shapes = (by_stratum.shape[1:], by_day.shape[1:])
    return _Summands(np.ascontiguousarray(values[:, place]), place, shapes)


def _summed(counts: np.ndarray, summands: _Summands) -> _Sums:
    """Add units up that are there so many times: counts (n, u)."""
    first, second = (int(np.prod(shape)) for shape in summands.shapes)
    sums = np.zeros((len(counts), first + second))
    sums[:, summands.place] = counts @ summands.values
    by_stratum, by_day = np.split(sums, [first], axis=1)
    return _Sums(
        by_stratum.reshape(-1, *summands.shapes[0]),
        by_day.reshape(-1, *summands.shapes[1]),
    )


def _added(left: _Sums, right: _Sums) -> _Sums:
    return _Sums(*(a + b for a, b in zip(left, right, strict=True)))


def _drawn_sums(
    arms: list[tuple[_Summands, _Summands, np.ndarray]],
    count: int,
    random: np.random.Generator,
) -> _Sums:
    """Draw units for the arms of experiments and add them up: (count, 2, ...)."""
    units = len(arms[0][2])
    step = max(1, _BLOCK_COUNTS // units)
    blocks = []
    for start in range(0, count, step):
        size = min(step, count - start)
        drawn = random.integers(0, units, (size, units), dtype=np.int64)
        arm = random.integers(0, 2, (size, units), dtype=np.int64)
        cell = (np.arange(size)[:, None] * 2 + arm) * units + drawn
        counts = np.bincount(cell.ravel(), minlength=2 * size * units)
        counts = counts.reshape(size, 2, units)
        parts = []
        for side, (plain, converted, share) in enumerate(arms):
            sums = counts[:, side]
            if share.any():
                turned = random.binomial(sums, share)
                rest = _summed((sums - turned).astype(float), plain)
                parts.append(_added(rest, _summed(turned.astype(float), converted)))
            else:
                parts.append(_summed(sums.astype(float), plain))
        blocks.append([np.stack(sides, axis=1) for sides in zip(*parts, strict=True)])
    return _Sums(*(np.concatenate(of) for of in zip(*blocks, strict=True)))


def _statistics(population: Population, by_stratum: np.ndarray) -> pa.Table:
    """Lay sums (n, 2, s, 15) out as arms: of everybody, then of each stratum."""
    sums = np.concatenate([by_stratum.sum(axis=2, keepdims=True), by_stratum], axis=2)
    dimensions = ["all", *[STRATUM] * len(population.strata)]
    columns = _keys(population, sums.shape[:3]) | {
        "segment_dimension": np.tile(dimensions, sums.shape[0] * 2),
        "segment_value": np.tile(["all", *population.strata], sums.shape[0] * 2),
    }
    return build(
        columns | _sum_columns(sums, SUMS), sums[..., 0].size, STATISTICS_SCHEMA
    )


def _statistics_by_day(population: Population, by_day: np.ndarray) -> pa.Table:
    """Lay sums (n, 2, t, 6) out as arms at the end of each day."""
    rows = by_day[..., 0].size
    columns = _keys(population, by_day.shape[:3]) | _sum_columns(by_day, DAY_SUMS)
    columns |= {"segment_dimension": "all", "segment_value": "all"}
    dates = FIRST_DATE + np.arange(by_day.shape[2])
    table = build(columns, rows, STATISTICS_SCHEMA)
    observed = pa.array(np.tile(dates, rows // len(dates)), pa.date32())
    return table.append_column("observed_date", observed)


def _keys(population: Population, shape: tuple[int, int, int]) -> dict[str, object]:
    """Return what arms of (n, 2, k) rows are, all but their sums and segments."""
    count, arms, rows = shape
    names = np.array([f"{number:06d}" for number in range(count)])
    return {
        "experiment_id": np.repeat(names, arms * rows),
        "metric_id": population.metric_id,
        "variant": np.tile(np.repeat(["control", "treated"], rows), count),
        "metric_kind": population.metric_kind,
        "direction": population.direction,
        "is_control": np.tile(np.repeat([True, False], rows), count),
        "is_primary": True,
        "is_guardrail": False,
    }


def _sum_columns(sums: np.ndarray, names: list[str]) -> dict[str, np.ndarray]:
    """Return sums (n, 2, k, c) as columns; those that are not named are 0."""
    rows = sums.reshape(-1, len(names))
    found = dict(zip(names, rows.T, strict=True))
    zero = np.zeros(len(rows))
    return {"unit_count": np.rint(found["count"]).astype(np.int64)} | {
        f"sum_{name}": found.get(name, zero) for name in SUMS[1:]
    }
