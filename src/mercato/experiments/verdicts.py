"""Verdicts: what a method said of simulated experiments, beside their truth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mercato.experiments.results import TESTED
from mercato.experiments.statistics import numbers, texts

# What daily looks at a test for one look do: a warning, not a method to choose.
PEEKING = "fixed_looks_daily"
# Tests of counts give way to Fisher's where counts are small: together one procedure.
_PROCEDURES = {
    ("variant vs control", "fisher_exact"): "two_proportion",
    ("all variants", "fisher_exact"): "chi_square",
}


class Verdicts(NamedTuple):
    """What one method said of the k experiments that it had numbers for.

    is_rejected: it found an effect. is_covered: its interval holds the true effect, 1
    or 0; width: that of the interval. Both NaN where it gave none.
    """

    is_rejected: np.ndarray
    is_covered: np.ndarray
    width: np.ndarray


def verdicts(results: pa.Table, effect: float, alpha: float) -> dict[str, Verdicts]:
    """Judge RESULTS_SCHEMA of one look by the true effect, method by method.

    Rows of everybody and between segments count. An effect is found by a p-value below
    alpha or, where there is no p-value, by an interval without 0. Fisher's exact test
    counts under the name of the test that it stands in for.
    """
    comparison, method = texts(results, "comparison"), texts(results, "method")
    for (of, name), procedure in _PROCEDURES.items():
        method = np.where((comparison == of) & (method == name), procedure, method)
    is_counted = np.equal(texts(results, "segment_dimension"), "all")
    is_counted |= comparison == "between segments"
    is_counted &= np.isin(texts(results, "status"), TESTED)
    columns = [
        numbers(results, name) for name in ("p_value", "effect_lower", "effect_upper")
    ]
    found = {}
    for name in np.unique(method[is_counted].astype(str)).tolist():
        rows = is_counted & (method == name)
        found[name] = _judged(*(column[rows] for column in columns), effect, alpha)
    return found


def daily_verdicts(
    timeline: pa.Table, effect_by_day: np.ndarray, alpha: float
) -> dict[str, Verdicts]:
    """Judge TIMELINE_SCHEMA by the true effect on each day (t,), looking every day.

    An effect is found if it is on any day, and the truth covered if it is on all; width
    is that of the last day. Of the confidence sequence, and of a test for one look.
    Experiments have a row for each of the t days.
    """
    shape = (-1, len(effect_by_day))
    is_tested = np.equal(texts(timeline, "status"), "ok").reshape(shape)
    known = is_tested.any(axis=1)
    if not known.any():
        return {}
    last = shape[1] - 1 - np.argmax(is_tested[:, ::-1], axis=1)
    found = {}
    for method, prefix in (("confidence_sequence", ""), (PEEKING, "fixed_")):
        columns = (
            numbers(timeline, prefix + name).reshape(shape)
            for name in ("p_value", "effect_lower", "effect_upper")
        )
        days = _judged(*columns, effect_by_day, alpha)
        is_covered = ((days.is_covered == 1) | ~is_tested).all(axis=1)
        found[method] = Verdicts(
            is_rejected=(days.is_rejected & is_tested).any(axis=1)[known],
            is_covered=is_covered[known].astype(float),
            width=np.take_along_axis(days.width, last[:, None], axis=1)[known, 0],
        )
    return found


def combined_verdicts(blocks: list[dict[str, Verdicts]]) -> dict[str, Verdicts]:
    """Put the verdicts of several blocks of experiments together."""
    methods = sorted({method for block in blocks for method in block})
    return {
        method: Verdicts(
            *(
                np.concatenate(columns)
                for columns in zip(
                    *(block[method] for block in blocks if method in block), strict=True
                )
            )
        )
        for method in methods
    }


def _judged(
    p_value: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    effect: float | np.ndarray,
    alpha: float,
) -> Verdicts:
    excludes_none = (lower > 0) | (upper < 0)
    is_covered = (lower <= effect) & (effect <= upper)
    return Verdicts(
        is_rejected=np.where(np.isnan(p_value), excludes_none, p_value < alpha),
        is_covered=np.where(np.isnan(lower), np.nan, is_covered),
        width=upper - lower,
    )
