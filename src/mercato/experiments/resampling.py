"""Simulated experiments: arms drawn from a population, summed up as SQL does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mercato.experiments.populations import Population, Treatment
from mercato.experiments.results import build
from mercato.experiments.statistics import (
    PRODUCTS,
    STATISTICS_SCHEMA,
    VARIABLES,
)

# The dimension of segments that the strata of a population are.
STRATUM = "stratum"
# What is summed over units; on a single day nobody asks for covariates.
SUMS = ["count", *VARIABLES, *PRODUCTS]
DAY_SUMS = ["count", "y", "d", "yy", "yd", "dd"]
# Any date will do.
FIRST_DATE = np.datetime64("2000-01-01")
# Draws of units that are held at a time, and experiments that are.
_BLOCK_DRAWS = 1_000_000
_BLOCK_EXPERIMENTS = 2_000


class Experiments(NamedTuple):
    """Simulated experiments of a control and a treated arm.

    statistics are of STATISTICS_SCHEMA, with the strata as segments; statistics_by_day
    have a column observed_date instead of segments.
    """

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

    def split(self, sums: np.ndarray) -> _Sums:
        """Tell sums (..., c) by stratum from those by day."""
        parts = np.split(sums, [int(np.prod(self.shapes[0]))], axis=-1)
        return _Sums(
            *(
                part.reshape(*sums.shape[:-1], *shape)
                for part, shape in zip(parts, self.shapes, strict=True)
            )
        )


class _Arms(NamedTuple):
    """What is drawn into the control and into the treated arm.

    A unit of the latter is as in converted with the probability converted_share (u,);
    None where none is.
    """

    control: _Summands
    treated: _Summands
    converted: _Summands | None
    converted_share: np.ndarray


def simulated(
    population: Population,
    treatment: Treatment,
    *,
    simulation_count: int,
    random: np.random.Generator,
) -> Iterator[Experiments]:
    """Yield experiments in blocks, simulation_count in all, each numbered from 0.

    Each draws as many units as the population has, with replacement, and gives each an
    even chance of either arm; the treated arm has them as the treatment makes them.
    """
    share = treatment.converted_share
    arms = _Arms(
        control=_summands(population),
        treated=_summands(treatment.population),
        converted=_summands(treatment.converted) if share.any() else None,
        converted_share=share,
    )
    for start in range(0, simulation_count, _BLOCK_EXPERIMENTS):
        count = min(_BLOCK_EXPERIMENTS, simulation_count - start)
        sums = _drawn_sums(arms, count, random)
        yield Experiments(
            _statistics(population, sums.by_stratum),
            _statistics_by_day(population, sums.by_day),
        )


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


def _summed(counts: np.ndarray, summands: _Summands) -> np.ndarray:
    """Add units up that are there so many times: counts (n, u), sums (n, ...)."""
    sums = np.zeros((len(counts), sum(int(np.prod(of)) for of in summands.shapes)))
    sums[:, summands.place] = counts.astype(float) @ summands.values
    return sums


def _drawn_sums(arms: _Arms, count: int, random: np.random.Generator) -> _Sums:
    """Draw units for the arms of experiments and add them up: (count, 2, ...)."""
    units = len(arms.converted_share)
    step = max(1, _BLOCK_DRAWS // units)
    blocks = []
    for start in range(0, count, step):
        size = min(step, count - start)
        # One number says which unit it is, and in which arm.
        drawn = random.integers(0, 2 * units, (size, units))
        drawn += np.arange(0, 2 * units * size, 2 * units)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=2 * units * size)
        control, treated = counts.reshape(size, 2, units).swapaxes(0, 1)
        sides = [_summed(control, arms.control)]
        if arms.converted is None:
            sides.append(_summed(treated, arms.treated))
        else:
            turned = random.binomial(treated, arms.converted_share)
            rest = _summed(treated - turned, arms.treated)
            sides.append(rest + _summed(turned, arms.converted))
        blocks.append(np.stack(sides, axis=1))
    return arms.control.split(np.concatenate(blocks))


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
