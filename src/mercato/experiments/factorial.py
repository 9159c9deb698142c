"""Factorial experiments: what each factor does, and what two do together.

The variants of a factorial experiment are cells, one for each combination of the levels
of its factors. Contrasts of cell values say what a factor does whatever the others are;
cells count equally, however many units they have, and keep their own variances.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from mercato.experiments.corrections import with_holm
from mercato.experiments.designs import Contrast, contrasts, read_designs
from mercato.experiments.effects import (
    Estimates,
    check_level,
    interval,
    relative,
    t_test,
)
from mercato.experiments.means import mean_estimates
from mercato.experiments.ratios import ratio_counts, ratio_estimates
from mercato.experiments.results import build, combined
from mercato.experiments.statistics import (
    KEYS,
    MEANS,
    PROPORTIONS,
    Arms,
    is_kind,
    only,
    read_arms,
    texts,
)

CORRECTION_SCOPE = "main effects, interactions and values of the segment dimension"


class _Cells(NamedTuple):
    """Values of v variants in g groups of arms, (g, v); NaN where one is missing.

    unit_count holds the units of each, count those that its variance rests on, both 0
    where it is missing; first (g,) is the number of an arm of each group.
    """

    value: np.ndarray
    variance: np.ndarray
    count: np.ndarray
    unit_count: np.ndarray
    first: np.ndarray


def factorial_results(
    statistics: pa.Table, factors: pa.Table, *, confidence_level: float = 0.95
) -> pa.Table:
    """Compare the levels of each factor, and pairs of factors; rows of RESULTS_SCHEMA.

    statistics is of STATISTICS_SCHEMA (quantiles are left out), factors of
    FACTORS_SCHEMA: the level of each factor in each variant; variants without a row are
    not part of the design. For each experiment of factors, metric and segment there is

    - a 'main effect' of each level beside the reference level of its factor (variant
      'colour=blue', control_variant 'colour=red'): the difference of their averages
      over all combinations of the other factors' levels;
    - an 'interaction' of two factors for each pair of levels that are no reference
      ('colour=blue x size=large'): the effect of the first at the second's level
      (value) less that at the second's reference (control_value), averaged likewise.

    Cells weigh the same, their variances are not pooled, and degrees of freedom are
    Satterthwaite's (1946, Biometrics Bulletin 2). Unit counts are those of the cells on
    either side. Holm's correction is over all contrasts of a metric and segment
    dimension.

    status is 'ok', 'no exposures', 'too few units' (less than two in a cell, or that
    carry a ratio: ratio_counts), 'no denominator' or 'no variation'. A design that
    cannot be compared has one row for each metric and segment, without a variant, and
    says why: 'one variant', 'no reference level', 'several reference levels', 'several
    variants in a cell', or 'incomplete design' (not every combination of levels has a
    variant, or a variant not a level of every factor).

    Raises ValueError where confidence_level is not between 0 and 1, factors holds a
    null or a variant has two levels of a factor, and as read_arms does.
    """
    check_level("confidence_level", confidence_level)
    designs = read_designs(factors)
    arms = read_arms(only(statistics, (*PROPORTIONS, *MEANS, "ratio")))
    experiments = texts(arms.rows, "experiment_id")
    is_ratio = is_kind(arms, ("ratio",))
    estimates = np.where(is_ratio, ratio_estimates(arms), mean_estimates(arms))
    columns = np.stack([*estimates, ratio_counts(arms), arms.count])
    tables = []
    for experiment, design in designs.items():
        chosen = np.flatnonzero(experiments == experiment)
        cells = _cells(arms, chosen, columns, design.variants)
        if design.status:
            tables.append(_refused(arms, cells, design.status))
            continue
        for contrast in contrasts(design):
            tables.append(_compared(arms, cells, contrast, confidence_level))
    return with_holm(combined(tables), KEYS[:3], CORRECTION_SCOPE)


def _cells(
    arms: Arms, chosen: np.ndarray, columns: np.ndarray, variants: list[str]
) -> _Cells:
    """Lay the columns (4, m) of the chosen arms out by group and variant."""
    group = arms.group[chosen]
    groups, firsts = np.unique(group, return_index=True)
    names = texts(arms.rows, "variant")[chosen]
    layout = np.full((len(columns), len(groups), len(variants)), np.nan)
    for number, variant in enumerate(variants):
        own = names == variant
        place = np.searchsorted(groups, group[own])
        layout[:, place, number] = columns[:, chosen[own]]
    value, variance, *counts = layout
    return _Cells(value, variance, *map(np.nan_to_num, counts), chosen[firsts])


def _estimates(cells: _Cells, weights: np.ndarray) -> tuple[Estimates, np.ndarray]:
    """Return a contrast of every group of arms, with its status; weights are (2, v).

    No cell is on both sides of a contrast, so that the two are independent.
    """
    used = (weights != 0).any(axis=0)
    weights = weights[:, used]
    value, variance, count, units = (table[:, used] for table in cells[:4])
    parts = (weights**2).sum(axis=0) * variance
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = parts.sum(axis=1) ** 2 / (parts**2 / (count - 1)).sum(axis=1)
    estimates = Estimates(
        value @ weights[0],
        variance @ weights[0] ** 2,
        value @ weights[1],
        variance @ weights[1] ** 2,
        freedom,
    )
    status = np.select(
        [
            (units == 0).any(axis=1),
            (count < 2).any(axis=1),
            np.isnan(estimates.effect),
            estimates.standard_error == 0,
        ],
        ["no exposures", "too few units", "no denominator", "no variation"],
        default="ok",
    )
    return estimates, status


def _compared(arms: Arms, cells: _Cells, contrast: Contrast, level: float) -> pa.Table:
    """Test one contrast in every group of arms."""
    weights = np.stack([contrast.weights, contrast.control_weights])
    estimates, status = _estimates(cells, weights)
    tested = estimates.where(status == "ok")
    statistic, p_value = t_test(tested)
    lower, upper = interval(tested, level)
    # An interaction has no relative effect: its two sides are differences.
    share = tested.where(np.full(len(status), contrast.comparison == "main effect"))
    change, change_lower, change_upper = relative(share, level)
    columns = {
        "comparison": contrast.comparison,
        "variant": contrast.variant,
        "control_variant": contrast.control_variant,
        "estimand": contrast.estimand,
        "unit_count": cells.unit_count @ (weights[0] != 0),
        "control_unit_count": cells.unit_count @ (weights[1] != 0),
        "value": estimates.value,
        "control_value": estimates.control_value,
        "effect": estimates.effect,
        "effect_lower": lower,
        "effect_upper": upper,
        "relative_effect": change,
        "relative_effect_lower": change_lower,
        "relative_effect_upper": change_upper,
        "confidence_level": level,
        "standard_error": tested.standard_error,
        "statistic": statistic,
        "degrees_of_freedom": tested.degrees_of_freedom,
        "p_value": p_value,
    }
    return _rows(arms, cells, status, columns)


def _refused(arms: Arms, cells: _Cells, status: str) -> pa.Table:
    """Say of every group of arms why nothing is compared."""
    columns = {"comparison": "main effect", "unit_count": cells.unit_count.sum(axis=1)}
    return _rows(arms, cells, np.full(len(cells.first), status), columns)


def _rows(
    arms: Arms, cells: _Cells, status: np.ndarray, columns: dict[str, Any]
) -> pa.Table:
    keys = arms.rows.take(cells.first)
    shared = {name: keys[name] for name in KEYS}
    shared |= {"method": "factorial_contrast", "correction": "none"}
    shared |= {"is_default": False, "status": status}
    return build(shared | columns, len(status))
