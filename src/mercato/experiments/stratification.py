"""Post-stratification: less noise by comparing like with like, segment by segment."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mercato.experiments.comparisons import Comparison, compared, variance_reduction
from mercato.experiments.effects import Estimates
from mercato.experiments.means import estimates_of, mean_estimates
from mercato.experiments.statistics import KEYS, Arms, Pairs, group_numbers, texts

# An arm of a stratum needs a variance.
LEAST_UNITS = 2


class _Parts(NamedTuple):
    """Units of one side of one pair in one stratum a row: arms of a segment.

    cell numbers pair and segment, cells of a pair together; pair_of_cell the pair of
    each cell, units (cells, 2) the units of the variant and of the control in it.
    """

    arm: np.ndarray
    side: np.ndarray
    cell: np.ndarray
    pair_of_cell: np.ndarray
    units: np.ndarray


class _Moments(NamedTuple):
    """Units, mean and variance (strata, 2) of the variant and of the control."""

    count: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


def post_stratified(arms: Arms, pairs: Pairs, dimension: str) -> Comparison:
    """Compare means of y after giving both arms the same mix of segments.

    pairs are some of arms that have the segment 'all'; their strata are the arms of
    the same experiment, metric and variant in the segments of dimension. value = sum
    over strata of w mean, variance = sum of w^2 s^2 / n, where w is the stratum's share
    of the units of both arms (Miratrix, Sekhon & Yu 2013, Journal of the Royal
    Statistical Society B 75, section 2): the effect on this mix of units. Degrees of
    freedom are Satterthwaite's. A stratum with fewer than two units in an arm is taken
    together with the smallest that has them. variance_reduction is 1 - squared standard
    error / Welch's.

    status, beside those of compared: 'no segments' of the dimension, and 'segments do
    not add up' where the units of the strata are not those of the arm.
    """
    parts = _parts(arms, pairs, dimension)
    stratum, pair_of_stratum = _merged(parts, len(pairs.treated))
    moments = _moments(arms, parts, stratum, len(pair_of_stratum))
    estimates = _estimates(moments, pair_of_stratum, len(pairs.treated))
    plain = estimates_of(arms, pairs, *mean_estimates(arms))
    comparison = compared(
        "post_stratified",
        "difference of means, same mix of segments",
        arms,
        pairs,
        estimates,
        columns={"variance_reduction": variance_reduction(estimates, plain)},
    )
    units = np.zeros((len(pairs.treated), 2))
    np.add.at(units, parts.pair_of_cell, parts.units)
    whole = np.stack([arms.count[pairs.treated], arms.count[pairs.control]], axis=1)
    missing = units.sum(axis=1) == 0
    wrong = ~missing & (units != whole).any(axis=1)
    usable = pairs.is_known & (whole.min(axis=1) >= LEAST_UNITS)
    status = comparison.status
    status[usable & missing] = "no segments"
    status[usable & wrong] = "segments do not add up"
    return comparison


def _parts(arms: Arms, pairs: Pairs, dimension: str) -> _Parts:
    """List the arms of segments that make up both sides of each pair."""
    variant = arms.rows["variant"].combine_chunks().dictionary_encode().indices
    variant = variant.to_numpy().astype(np.int64)
    owner = group_numbers(arms.rows, KEYS[:2]) * (variant.max(initial=0) + 1) + variant
    segments = np.flatnonzero(texts(arms.rows, "segment_dimension") == dimension)
    segments = segments[np.argsort(owner[segments], kind="stable")]
    sides = np.stack([pairs.treated, pairs.control], axis=1)
    first = np.searchsorted(owner[segments], owner[sides], side="left").ravel()
    last = np.searchsorted(owner[segments], owner[sides], side="right").ravel()
    size = last - first
    place = np.repeat(np.arange(len(size)), size)
    step = np.arange(len(place)) - np.repeat(np.cumsum(size) - size, size)
    arm = segments[first[place] + step]
    pair, side = place // 2, place % 2
    # Arms of the same segment have the same group, whatever their variant.
    keys = np.stack([pair, arms.group[arm]], axis=1)
    cells, cell = np.unique(keys, axis=0, return_inverse=True)
    cell = cell.ravel()
    units = np.zeros((len(cells), 2))
    np.add.at(units, (cell, side), arms.count[arm])
    return _Parts(arm, side, cell, cells[:, 0], units)


def _merged(parts: _Parts, pair_count: int) -> tuple[np.ndarray, np.ndarray]:
    """Give each part the number of its stratum, and each stratum its pair.

    Cells too small in an arm go to the smallest cell of the pair that is not, or if
    there is none, all together.
    """
    is_small = parts.units.min(axis=1, initial=np.inf) < LEAST_UNITS
    total = parts.units.sum(axis=1)
    # The last write wins: from the last resort to the best.
    order = np.lexsort((-np.arange(len(total)), -total, ~is_small))
    target = np.zeros(pair_count, dtype=int)
    target[parts.pair_of_cell[order]] = order
    chosen = np.where(is_small, target[parts.pair_of_cell], np.arange(len(total)))
    kept, stratum_of_cell = np.unique(chosen, return_inverse=True)
    return stratum_of_cell[parts.cell], parts.pair_of_cell[kept]


def _moments(arms: Arms, parts: _Parts, stratum: np.ndarray, strata: int) -> _Moments:
    """Take the parts of each stratum together, each side on its own."""
    place = (stratum, parts.side)
    part = arms.count[parts.arm]
    part_mean = np.nan_to_num(arms.mean[parts.arm, 0])
    count, mean, squares = (np.zeros((strata, 2)) for _ in range(3))
    np.add.at(count, place, part)
    np.add.at(mean, place, part * part_mean)
    mean = np.divide(mean, count, out=np.full_like(mean, np.nan), where=count > 0)
    within = np.nan_to_num(arms.covariance[parts.arm, 0, 0]) * (part - 1)
    between = part * np.nan_to_num(part_mean - mean[place]) ** 2
    np.add.at(squares, place, within + between)
    enough = count >= LEAST_UNITS
    variance = np.full_like(squares, np.nan)
    np.divide(squares, count - 1, out=variance, where=enough)
    return _Moments(count, mean, variance)


def _estimates(moments: _Moments, pair: np.ndarray, pair_count: int) -> Estimates:
    """Weigh the strata of each pair by their units in both arms."""
    units = moments.count.sum(axis=1)
    total = np.bincount(pair, units, minlength=pair_count)
    share = np.divide(
        units, total[pair], out=np.zeros_like(units), where=total[pair] > 0
    )
    value, variance, parts = (np.zeros((pair_count, 2)) for _ in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        error = share[:, None] ** 2 * moments.variance / moments.count
        np.add.at(value, pair, share[:, None] * moments.mean)
        np.add.at(variance, pair, error)
        np.add.at(parts, pair, error**2 / (moments.count - 1))
        freedom = variance.sum(axis=1) ** 2 / parts.sum(axis=1)
    known = total > 0
    return Estimates(
        value=value[:, 0],
        variance=variance[:, 0],
        control_value=value[:, 1],
        control_variance=variance[:, 1],
        degrees_of_freedom=np.where(np.isfinite(freedom), freedom, np.nan),
    ).where(known)
