"""Segments: tests whether an effect differs between the values of a dimension.

Cochran's Q compares effects of independent segments by inverse variance (Cochran 1954,
Biometrics 10); I^2 is the share of their spread that chance does not explain (Higgins &
Thompson 2002, Statistics in Medicine 21).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.experiments.comparisons import Comparison
from mercato.experiments.ratios import ratio_counts
from mercato.experiments.results import RESULTS_SCHEMA, build
from mercato.experiments.statistics import KEYS, Arms, Pairs, texts

# With fewer units in an arm the estimated variances are too noisy for weights, and Q
# comes out too large: at 10 units 12 % of 20 segments without a difference have one.
LEAST_UNITS = 50


class Heterogeneity(NamedTuple):
    """Whether effects differ within g groups; arrays of shape (g,), NaN if undefined.

    statistic is Q, degrees_of_freedom the number of effects less one, i_squared the
    share (Q - degrees of freedom) / Q, at least 0.
    """

    statistic: np.ndarray
    degrees_of_freedom: np.ndarray
    p_value: np.ndarray
    i_squared: np.ndarray


def cochran_q(
    effect: np.ndarray, variance: np.ndarray, group: np.ndarray
) -> Heterogeneity:
    """Test within groups whether independent effects have one expectation.

    All arguments are (k,): effects, their squared standard errors, and the group of
    each, numbered from 0. With weights w = 1 / variance and their weighted mean c, Q =
    sum w (effect - c)^2 is compared with chi-square. An effect that is NaN or has no
    variance takes no part; a group with fewer than two gets NaN. Raises ValueError
    where lengths differ.

    >>> found = cochran_q(np.array([1.0, 3.0]), np.array([1.0, 1.0]), np.array([0, 0]))
    >>> found.statistic.tolist(), found.i_squared.tolist()
    ([2.0], [0.5])
    """
    effect, variance = np.asarray(effect, float), np.asarray(variance, float)
    for name, values in (("variance", variance), ("group", group)):
        if len(values) != len(effect):
            raise ValueError(f"len({name}) == {len(values)}, must be {len(effect)}.")
    size = int(np.max(group, initial=-1)) + 1
    known = np.isfinite(effect) & np.isfinite(variance) & (variance > 0)
    effect, variance, group = effect[known], variance[known], np.asarray(group)[known]
    weight = 1 / variance
    number = np.bincount(group, minlength=size)
    total = np.bincount(group, weight, minlength=size)
    several = number > 1
    centre = np.full(size, np.nan)
    weighted = np.bincount(group, weight * effect, minlength=size)
    np.divide(weighted, total, out=centre, where=several)
    deviation = effect - centre[group]
    statistic = np.bincount(group, weight * deviation**2, minlength=size)
    statistic = np.where(several, statistic, np.nan)
    freedom = np.where(several, number - 1.0, np.nan)
    excess = np.divide(
        statistic - freedom, statistic, out=np.zeros(size), where=statistic > freedom
    )
    return Heterogeneity(
        statistic,
        freedom,
        special.chdtrc(freedom, statistic),
        np.where(several, excess, np.nan),
    )


def between_segments(arms: Arms, pairs: Pairs, comparison: Comparison) -> pa.Table:
    """Test of each variant and dimension whether its effect differs between segments.

    comparison holds the effects of the pairs, one of each variant and segment. Returns
    rows of RESULTS_SCHEMA, one for each experiment, metric, segment dimension other
    than 'all' and variant with a control, segment_value being 'all'. Segments without a
    test, or with less than 50 units in an arm (that carry a ratio: ratio_counts), take
    no part; unit counts are those of the others. status is 'ok', or 'one segment' where
    fewer than two take part.
    """
    segmented = texts(arms.rows, "segment_dimension")[pairs.treated] != "all"
    places = np.flatnonzero(segmented & pairs.is_known)
    if len(places) == 0:
        return RESULTS_SCHEMA.empty_table()
    group, firsts = _groups(arms, pairs, places)
    units = np.stack([arms.count[pairs.treated], arms.count[pairs.control]])[:, places]
    estimates = comparison.estimates
    carrying = ratio_counts(arms)
    least = np.minimum(carrying[pairs.treated], carrying[pairs.control])[places]
    takes_part = (comparison.status[places] == "ok") & (least >= LEAST_UNITS)
    found = cochran_q(
        np.where(takes_part, estimates.effect[places], np.nan),
        estimates.standard_error[places] ** 2,
        group,
    )
    treated = arms.rows.take(pairs.treated[places[firsts]])
    control = arms.rows.take(pairs.control[places[firsts]])
    tested = ~np.isnan(found.p_value)
    columns = {name: treated[name] for name in KEYS[:3]} | {
        "segment_value": "all",
        "comparison": "between segments",
        "variant": treated["variant"],
        "control_variant": control["variant"],
        "method": "cochran_q",
        "estimand": f"{comparison.estimand}, between segments",
        "correction": "none",
        "unit_count": np.bincount(group, units[0] * takes_part),
        "control_unit_count": np.bincount(group, units[1] * takes_part),
        "statistic": found.statistic,
        "degrees_of_freedom": found.degrees_of_freedom,
        "p_value": found.p_value,
        "status": np.where(tested, "ok", "one segment"),
    }
    return build(columns, len(firsts))


def _groups(
    arms: Arms, pairs: Pairs, places: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the variants of each dimension numbers; return these and first places."""
    rows = arms.rows.take(pairs.treated[places])
    codes = np.stack(
        [
            np.unique(texts(rows, name), return_inverse=True)[1]
            for name in [*KEYS[:3], "variant"]
        ]
    )
    _, firsts, group = np.unique(codes, axis=1, return_index=True, return_inverse=True)
    return group.ravel(), firsts
