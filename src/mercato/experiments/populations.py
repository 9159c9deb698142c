"""Populations: a shop's own units taken for everybody there is.

What is drawn from them has a known truth, by which methods can be judged.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.experiments.statistics import (
    PROPORTIONS,
    VARIABLES,
    group_numbers,
    numbers,
    texts,
)

# As long as the baseline weeks, on each day of which new units come.
LOOKS = 28
# A larger relative effect would be no experiment.
MOST_EFFECT = 3.0


class Population(NamedTuple):
    """Units with one metric, u of them in s strata, over t days.

    stratum is (u,) from 0; values (u, 4) are y, d, x and w in the end; is_there (u, t)
    is 1 from the day on which a unit counts, else 0, and values_by_day (u, t, 2) are y
    and d at the end of each day.
    """

    metric_id: str
    metric_kind: str
    direction: str
    strata: tuple[str, ...]
    stratum: np.ndarray
    values: np.ndarray
    is_there: np.ndarray
    values_by_day: np.ndarray

    @property
    def varies(self) -> bool:
        """Whether there is anything to compare: not all units have one value."""
        return bool((np.ptp(self.values[:, :2], axis=0) > 0).any())


class Treatment(NamedTuple):
    """What a population becomes in an arm.

    Each unit counts as in converted with the probability converted_share (u,), else as
    in population.
    """

    population: Population
    converted: Population
    converted_share: np.ndarray


class Truth(NamedTuple):
    """What an arm's metric is in expectation, in the end and on each day (t,).

    NaN where no unit counts or a denominator is 0.
    """

    value: float
    by_day: np.ndarray


def read_populations(rows: pa.Table, *, looks: int = LOOKS) -> list[Population]:
    """Read what units came to: one population per metric, sorted by metric.

    rows: one per metric_id, unit_id and day_number on which the unit began to count or
    a number of it changed, with metric_kind, direction, stratum and the numbers y, d, x
    and w from the end of that day on. Days are counted from 0; those up to looks - 1
    are looked at, and the last row of a unit is its end.

    Raises ValueError where looks is below 1.
    """
    if looks < 1:
        raise ValueError(f"looks == {looks}, must be >= 1.")
    order = [(name, "ascending") for name in ("metric_id", "unit_id", "day_number")]
    rows = rows.sort_by(order).combine_chunks()
    size = np.bincount(group_numbers(rows, ["metric_id"]))
    firsts = np.cumsum(size) - size
    return [
        _population(rows.slice(first, length), looks)
        for first, length in zip(firsts.tolist(), size.tolist(), strict=True)
    ]


def _population(rows: pa.Table, looks: int) -> Population:
    """Read the rows of one metric, sorted by unit and day."""
    unit = group_numbers(rows, ["unit_id"])
    size = np.bincount(unit)
    end = np.cumsum(size)
    values = np.stack([numbers(rows, name) for name in VARIABLES], axis=1)
    # A row holds from its day on until the next of its unit.
    begun = np.zeros((len(size), looks + 1), dtype=int)
    day = numbers(rows, "day_number").astype(int)
    np.add.at(begun, (unit, np.minimum(day, looks)), 1)
    so_far = np.cumsum(begun[:, :looks], axis=1)
    is_there = so_far > 0
    row = np.where(is_there, (end - size)[:, None] + so_far - 1, 0)
    strata, stratum = np.unique(texts(rows, "stratum")[end - 1], return_inverse=True)
    return Population(
        *(rows[name][0].as_py() for name in ("metric_id", "metric_kind", "direction")),
        strata=tuple(strata.tolist()),
        stratum=stratum,
        values=values[end - 1],
        is_there=is_there.astype(float),
        values_by_day=np.where(is_there[:, :, None], values[row, :2], 0.0),
    )


def plant(population: Population, relative_effect: float) -> Treatment:
    """Return what the population becomes when an effect raises its metric.

    Means and ratios: each y is multiplied by 1 + relative_effect. Proportions: those
    who did not convert do, from the day on which they count, with the probability that
    raises the rate by relative_effect in expectation.

    Raises ValueError where relative_effect is negative or would raise a rate above 1.
    """
    if relative_effect < 0:
        raise ValueError(f"relative_effect == {relative_effect}, must be >= 0.")
    if population.metric_kind not in PROPORTIONS:
        raised = _with_y(
            population,
            population.values[:, 0] * (1 + relative_effect),
            population.values_by_day[:, :, 0] * (1 + relative_effect),
        )
        return Treatment(raised, raised, np.zeros(len(population.values)))
    y = population.values[:, 0]
    rate = y.mean()
    if rate * (1 + relative_effect) > 1:
        most = 1 / rate - 1
        raise ValueError(f"relative_effect == {relative_effect}, must be <= {most}.")
    # Where all converted, or nobody, there is no one to convert, or no rate to raise.
    chance = rate * relative_effect / (1 - rate) if rate < 1 else 0.0
    converted = _with_y(population, np.ones_like(y), population.is_there)
    return Treatment(population, converted, np.where(y == 0, chance, 0.0))


def expectation(treatment: Treatment) -> Truth:
    """Return what the metric of an arm is where every unit is drawn equally often."""
    share = treatment.converted_share
    parts = ((treatment.population, 1 - share), (treatment.converted, share))
    total = sum(weight @ of.values[:, :2] for of, weight in parts)
    by_day = sum(np.tensordot(weight, of.values_by_day, 1) for of, weight in parts)
    units, units_by_day = len(share), treatment.population.is_there.sum(axis=0)
    if treatment.population.metric_kind == "ratio":
        units, units_by_day = total[1], by_day[:, 1]
    value = _divided(total[0], units)
    return Truth(float(value), _divided(by_day[:, 0], units_by_day))


def detectable_effect(
    population: Population, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Return the relative effect that one look finds with a given power.

    By the two-sided normal test of two arms, each of half the units; the variance of
    the treated one grows with the effect, as plant makes it. 0 where there is nothing
    to raise; at most 3, and of a rate nine tenths of what would lead to 1.
    """
    value, variance = _value_and_variance(population)
    if not (value != 0 and variance > 0):
        return 0.0
    is_rate = population.metric_kind in PROPORTIONS
    most = min(MOST_EFFECT, 0.9 * (1 - value) / value) if is_rate else MOST_EFFECT
    reach = special.ndtri(1 - alpha / 2) + special.ndtri(power)
    effect = 0.0
    for _ in range(100):
        rate = value * (1 + effect)
        raised = rate * (1 - rate) if is_rate else variance * (1 + effect) ** 2
        error = np.sqrt((variance + raised) / (len(population.values) / 2))
        effect = min(float(reach * error / abs(value)), most)
    return effect


def _value_and_variance(population: Population) -> tuple[float, float]:
    """Return the value of a metric and the variance that one unit has of it."""
    y, d = population.values[:, 0], population.values[:, 1]
    if population.metric_kind != "ratio":
        return float(y.mean()), float(y.var())
    ratio = float(_divided(y.sum(), d.sum()))
    return ratio, float(_divided((y - ratio * d).var(), d.mean() ** 2))


def _divided(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    empty = np.full_like(numerator, np.nan, dtype=float)
    return np.divide(numerator, denominator, out=empty, where=denominator != 0)


def _with_y(population: Population, y: np.ndarray, by_day: np.ndarray) -> Population:
    """Replace the value of the metric, in the end (u,) and on each day (u, t)."""
    values, values_by_day = population.values.copy(), population.values_by_day.copy()
    values[:, 0], values_by_day[:, :, 0] = y, by_day
    return population._replace(values=values, values_by_day=values_by_day)
