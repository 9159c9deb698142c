"""Calibration: what each method really does on a shop's own units.

Experiments are simulated from a population whose truth is known, without an effect
(A/A) and with one (A/B), and judged as real ones are: how often does each method find
an effect, and how often does its interval hold the true one?
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from mercato.experiments.bayesian import bayesian_results
from mercato.experiments.effects import check_level
from mercato.experiments.frequentist import frequentist_results
from mercato.experiments.populations import (
    Population,
    Treatment,
    detectable_effect,
    expectation,
    plant,
)
from mercato.experiments.proportions import wilson
from mercato.experiments.resampling import STRATUM, simulated
from mercato.experiments.results import build
from mercato.experiments.sample_ratio import EXPOSURES_SCHEMA, sample_ratio_results
from mercato.experiments.sequential import timeline
from mercato.experiments.statistics import numbers, texts
from mercato.experiments.verdicts import (
    PEEKING,
    Verdicts,
    combined_verdicts,
    daily_verdicts,
    verdicts,
)

CALIBRATION_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ["metric_id", "metric_kind", "method", "scenario"]]
    + [
        (name, pa.int64())
        for name in ["simulation_count", "tested_count", "unit_count"]
    ]
    + [
        (name, pa.float64())
        for name in [
            "planted_relative_effect",
            "rejection_rate",
            "rejection_rate_lower",
            "rejection_rate_upper",
            "nominal_rate",
            "coverage",
            "coverage_lower",
            "coverage_upper",
            "nominal_coverage",
            "mean_interval_width",
        ]
    ]
    + [("is_offered", pa.bool_()), ("is_as_promised", pa.bool_())]
)
WITHOUT_EFFECT, WITH_EFFECT = "A/A", "A/B"
# The metric of the row about the sample ratio.
UNITS = "(units)"
# Of rates that are simulated: a promise that is kept seems broken once in 200 rows.
SIMULATION_LEVEL = 0.99
# Strata have effects of different size where everybody's is planted: what this test
# finds there is neither right nor wrong.
_WITHOUT_EFFECT_ONLY = "cochran_q"

Analysis = Callable[[pa.Table], pa.Table]


def offered_analyses(seed: int, confidence_level: float = 0.95) -> list[Analysis]:
    """Return the analyses of one look: statistics of arms in, RESULTS_SCHEMA out."""

    def bayesian(statistics: pa.Table) -> pa.Table:
        is_whole = np.equal(texts(statistics, "segment_dimension"), "all")
        whole = statistics.filter(pa.array(is_whole))
        return bayesian_results(whole, confidence_level=confidence_level)

    frequentist = partial(
        frequentist_results,
        seed=seed,
        confidence_level=confidence_level,
        post_stratify_by=STRATUM,
    )
    return [frequentist, bayesian]


def calibrate(
    population: Population,
    *,
    simulation_count: int,
    seed: int,
    confidence_level: float = 0.95,
    analyses: list[Analysis] | None = None,
) -> pa.Table:
    """Judge methods by simulated experiments; rows of CALIBRATION_SCHEMA, sorted.

    Each scenario has simulation_count experiments: 'A/A' without an effect, 'A/B' with
    the one that a test of so many units finds with a power of 0.8, if there is one. An
    experiment has unit_count units, as many as the population, about half of them
    treated. Units come on their own days; confidence_sequence and fixed_looks_daily
    look on every day. A method that never had numbers has no row.

    tested_count: experiments that the method had numbers for; what follows is of these.
    rejection_rate: the share in which it found an effect, by a p-value below
    nominal_rate = 1 - confidence_level, or by an interval without 0 where it has no
    p-values. coverage: the share in which its interval holds the true effect, on all
    days where it has several; mean_interval_width is the last day's. Lower and upper
    bounds are Wilson's at 0.99.

    is_as_promised: in A/A the rate is not above nominal_rate by more than chance and
    the coverage not below nominal_coverage; in A/B the latter alone, for power is not
    promised. Null where nothing was. is_offered is false of what is there as a warning.

    The random numbers depend on the seed and on the population, not on other metrics.

    Raises ValueError where simulation_count is below 1 or confidence_level not between
    0 and 1.
    """
    check_level("confidence_level", confidence_level)
    _refuse_below_1("simulation_count", simulation_count)
    alpha = 1 - confidence_level
    if analyses is None:
        analyses = offered_analyses(seed, confidence_level)
    scenarios = [(WITHOUT_EFFECT, 0.0)]
    effect = detectable_effect(population, alpha=alpha)
    if effect > 0:
        scenarios.append((WITH_EFFECT, effect))
    rows = []
    for scenario, effect in scenarios:
        treatment = plant(population, effect)
        random = _random(seed, population.metric_id, scenario)
        found = _simulated_verdicts(
            population, treatment, simulation_count, random, alpha, analyses
        )
        if scenario == WITH_EFFECT:
            found.pop(_WITHOUT_EFFECT_ONLY, None)
        keys = {
            "metric_id": population.metric_id,
            "metric_kind": population.metric_kind,
            "scenario": scenario,
            "simulation_count": simulation_count,
            "unit_count": len(population.values),
            "planted_relative_effect": effect,
        }
        rows += [keys | _summary(*of, scenario, alpha) for of in found.items()]
    rows.sort(key=lambda row: (row["method"], row["scenario"]))
    return pa.Table.from_pylist(rows, schema=CALIBRATION_SCHEMA)


def calibrate_sample_ratio(
    unit_count: int,
    *,
    simulation_count: int,
    seed: int,
    confidence_level: float = 0.95,
) -> pa.Table:
    """Judge the test of planned shares by units that are drawn as planned.

    One row as those of calibrate, A/A, of the metric_id '(units)'. Raises ValueError as
    calibrate does, and where unit_count is below 1.
    """
    check_level("confidence_level", confidence_level)
    _refuse_below_1("simulation_count", simulation_count)
    _refuse_below_1("unit_count", unit_count)
    random = _random(seed, UNITS, WITHOUT_EFFECT)
    treated = random.binomial(unit_count, 0.5, simulation_count)
    units = np.stack([unit_count - treated, treated], axis=1).ravel()
    columns = {
        "experiment_id": np.repeat(np.arange(simulation_count).astype(str), 2),
        "scope": "all",
        "scope_value": "all",
        "variant": np.tile(["control", "treated"], simulation_count),
        "planned_weight": 0.5,
        "unit_count": units,
    }
    results = sample_ratio_results(build(columns, len(units), EXPOSURES_SCHEMA))
    alpha = 1 - confidence_level
    none = np.full(simulation_count, np.nan)
    found = Verdicts(numbers(results, "p_value") < alpha, none, none)
    row = {
        "metric_id": UNITS,
        "metric_kind": "units",
        "scenario": WITHOUT_EFFECT,
        "simulation_count": simulation_count,
        "unit_count": unit_count,
        "planted_relative_effect": 0.0,
    } | _summary("sample_ratio", found, WITHOUT_EFFECT, alpha)
    return pa.Table.from_pylist([row], schema=CALIBRATION_SCHEMA)


def _refuse_below_1(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} == {value}, must be >= 1.")


def _random(seed: int, *names: str) -> np.random.Generator:
    """Return random numbers that are the names' own."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def _simulated_verdicts(
    population: Population,
    treatment: Treatment,
    simulation_count: int,
    random: np.random.Generator,
    alpha: float,
    analyses: list[Analysis],
) -> dict[str, Verdicts]:
    """Simulate experiments block by block, and let every method judge them."""
    control, treated = expectation(plant(population, 0.0)), expectation(treatment)
    blocks = []
    for experiments in simulated(
        population, treatment, simulation_count=simulation_count, random=random
    ):
        days = timeline(experiments.statistics_by_day, confidence_level=1 - alpha)
        found = daily_verdicts(days, treated.by_day - control.by_day, alpha)
        for analyse in analyses:
            results = analyse(experiments.statistics)
            found |= verdicts(results, treated.value - control.value, alpha)
        blocks.append(found)
    return combined_verdicts(blocks)


def _summary(
    method: str, found: Verdicts, scenario: str, alpha: float
) -> dict[str, Any]:
    """Return the columns about one method's verdicts; None where it has none."""
    is_without_effect = scenario == WITHOUT_EFFECT
    has_interval = ~np.isnan(found.is_covered)
    widths = found.width[has_interval]
    rates = _rate("rejection_rate", found.is_rejected)
    coverage = _rate("coverage", found.is_covered[has_interval])
    kept = []
    if is_without_effect and len(found.is_rejected):
        kept.append(rates["rejection_rate_lower"] <= alpha)
    if len(widths):
        kept.append(coverage["coverage_upper"] >= 1 - alpha)
    return (
        {
            "method": method,
            "tested_count": len(found.is_rejected),
            "nominal_rate": alpha if is_without_effect else None,
            "nominal_coverage": 1 - alpha if len(widths) else None,
            "mean_interval_width": float(widths.mean()) if len(widths) else None,
            "is_offered": method != PEEKING,
            "is_as_promised": all(kept) if kept else None,
        }
        | rates
        | coverage
    )


def _rate(name: str, happened: np.ndarray) -> dict[str, float | None]:
    """Return the share of what happened, with bounds; None of nothing."""
    names = (name, f"{name}_lower", f"{name}_upper")
    if not len(happened):
        return dict.fromkeys(names)
    hits = float(happened.sum())
    counts = np.array([[hits, len(happened) - hits]])
    bounds = (float(bound[0]) for bound in wilson(counts, SIMULATION_LEVEL))
    return dict(zip(names, bounds, strict=True))
