"""Several variants against one control: tests that know what they share.

Dunnett's p-values bound the chance of any false discovery among the variants of an
experiment, as Holm's do, but are smaller: the comparisons are correlated through their
common control.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import special

from mercato.experiments.effects import check_level, quantile, tail
from mercato.experiments.multiplicity import family_numbers

# The steps between the nodes of the common control's normal deviate, and the least
# residual deviation each is fine enough for (the error falls with
# exp(-(2 pi deviation / step)^2 / 2)). Correlations above 1 - 1 / 32^2 are taken as
# that, which moves no p-value by more than its third decimal.
CONTROL_STEPS = ((0.5, 0.5), (0.125, 0.125), (1 / 32, 1 / 32))
CONTROL_REACH = 8.5
# Nodes of the estimated scale, in deviations of its logarithm: for degrees of freedom
# up to the first number from, to, and the number of nodes. Few degrees of freedom have
# a long lower tail.
SCALE_NODES = (
    (4.0, -26.0, 5.0, 63),
    (50.0, -12.0, 5.0, 35),
    (1e4, -8.0, 7.0, 21),
    (np.inf, -6.0, 6.0, 13),
)
# More degrees of freedom than this are as good as known variances.
MOST_FREEDOM = 1e9
# Elements of one block of the quadrature, of 8 bytes each.
BLOCK_ELEMENTS = 500_000
CRITICAL_VALUE_STEPS = 9


class _Design(NamedTuple):
    """Comparisons of families of one size, sorted by family.

    row: (r,) place of each comparison; loading: (r, j) the correlation of each
    comparison of its family with the common control.
    """

    row: np.ndarray
    loading: np.ndarray


def dunnett(
    statistics: np.ndarray,
    degrees_of_freedom: np.ndarray,
    variances: np.ndarray,
    control_variances: np.ndarray,
    family: np.ndarray,
) -> np.ndarray:
    """Adjust the two-sided tests of several variants against their common control.

    All arguments are (k,): t statistics, their degrees of freedom (inf for known
    variances), the squared standard errors of the variant's and of the control's value,
    and the family, which is one control's comparisons. The adjusted p-value of t is the
    probability that the largest |T_j| of the family reaches |t|, T being multivariate t
    with correlations l_i l_j, l_i^2 = control variance / (control variance + variance
    of variant i) (Dunnett 1955, Journal of the American Statistical Association 50),
    by quadrature over the control's deviate and the estimated scale. Where degrees of
    freedom differ within a family (Welch), each comparison uses its own.

    A comparison with a NaN, no degrees of freedom or no variance takes no part and
    gets NaN. Accurate to 1e-7, for families of one exactly the t-test. Raises
    ValueError where lengths differ or a variance is negative.

    >>> two = np.array([2.5, 2.5]), np.array([60.0, 60.0])
    >>> dunnett(*two, np.ones(2), np.ones(2), np.zeros(2)).round(4).tolist()
    [0.0284, 0.0284]
    """
    statistics = np.abs(np.asarray(statistics, dtype=float))
    freedom, loading, family = _checked_comparisons(
        degrees_of_freedom, variances, control_variances, family
    )
    loading = np.where(np.isnan(statistics), np.nan, loading)
    adjusted = np.full(len(statistics), np.nan)
    for design in _designs(loading, family):
        row = design.row
        adjusted[row] = _exceedance(statistics[row], freedom[row], design.loading)
    return adjusted


def dunnett_critical_values(
    degrees_of_freedom: np.ndarray,
    variances: np.ndarray,
    control_variances: np.ndarray,
    family: np.ndarray,
    *,
    level: float,
) -> np.ndarray:
    """Find how many standard errors wide simultaneous intervals reach to each side.

    Arguments as for dunnett; the intervals of a family all hold with probability level.
    Returns (k,). Raises ValueError as dunnett does, and where level is not between 0
    and 1.
    """
    check_level("level", level)
    freedom, loading, family = _checked_comparisons(
        degrees_of_freedom, variances, control_variances, family
    )
    critical = np.full(len(freedom), np.nan)
    for design in _designs(loading, family):
        row = design.row
        critical[row] = _critical_values(freedom[row], design.loading, 1 - level)
    return critical


def _critical_values(
    freedom: np.ndarray, loading: np.ndarray, alpha: float
) -> np.ndarray:
    """Solve exceedance = alpha between one test's and Bonferroni's critical value."""
    size = loading.shape[1]
    lower = -quantile(freedom, alpha / 2)
    upper = -quantile(freedom, alpha / 2 / size)
    if size == 1:
        return lower
    # False position on the logarithm of the exceedance, which is nearly straight.
    high = np.log(_exceedance(lower, freedom, loading) / alpha)
    low = np.log(_exceedance(upper, freedom, loading) / alpha)
    middle = upper
    for _ in range(CRITICAL_VALUE_STEPS):
        slope = (upper - lower) / np.maximum(high - low, np.finfo(float).tiny)
        middle = np.clip(upper + low * slope, lower, upper)
        value = np.log(_exceedance(middle, freedom, loading) / alpha)
        above = value > 0
        lower, high = np.where(above, (middle, value), (lower, high))
        upper, low = np.where(above, (upper, low), (middle, value))
    return middle


def _exceedance(
    statistics: np.ndarray, freedom: np.ndarray, loading: np.ndarray
) -> np.ndarray:
    """Return the probability (r,) that the largest |T_j| reaches each statistic."""
    single = 2 * tail(freedom, statistics)
    size = loading.shape[1]
    if size == 1:
        return single
    exceedance = np.zeros(len(statistics))
    for rows, step in _blocks(loading):
        for nodes, scale, weight in _scales(freedom[rows]):
            part = rows[nodes]
            for reach, share in zip(
                (statistics[part, None] * scale).T, weight.T, strict=True
            ):
                exceedance[part] += share * _normal_exceedance(
                    reach, loading[part], step
                )
    # Bounds that hold for every correlation, where the quadrature has no digits left.
    return np.clip(exceedance, single, np.minimum(size * single, 1.0))


def _normal_exceedance(
    reach: np.ndarray, loading: np.ndarray, step: float
) -> np.ndarray:
    """Return the probability (r,) that the largest |Z_j| exceeds reach (r,).

    Given the control's deviate z the Z_j are independent normals around loading_j z.
    What is integrated is even in z and falls off like the normal density, so that the
    trapezoidal rule from 0 converges exponentially.
    """
    z = np.arange(0.0, CONTROL_REACH, step)
    weight = 2 * step * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    weight[0] /= 2
    deviation = np.sqrt(1 - loading**2)[:, :, None]
    centre = loading[:, :, None] * z
    outside = special.ndtr((centre - reach[:, None, None]) / deviation)
    outside += special.ndtr((-centre - reach[:, None, None]) / deviation)
    with np.errstate(divide="ignore"):
        inside = np.log1p(-np.minimum(outside, 1.0)).sum(axis=1)
    return -np.expm1(inside) @ weight


def _scales(
    freedom: np.ndarray,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield places, and nodes and weights (places, n) of their sqrt(chi^2 / freedom).

    The density of the logarithm x is proportional to exp(freedom (x - exp(2 x) / 2)),
    of deviation 1 / sqrt(2 freedom) at its peak; the trapezoidal rule needs no constant
    of proportion.
    """
    freedom = np.minimum(freedom, MOST_FREEDOM)
    least = 0.0
    for most, start, stop, count in SCALE_NODES:
        places = np.flatnonzero((freedom > least) & (freedom <= most))
        least = most
        if len(places) == 0:
            continue
        chosen = freedom[places, None]
        x = np.linspace(start, stop, count) / np.sqrt(2 * chosen)
        weight = np.exp(chosen * (x - np.expm1(2 * x) / 2))
        yield places, np.exp(x), weight / weight.sum(axis=1, keepdims=True)


def _blocks(loading: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    """Yield rows in blocks of bounded memory, with the step between nodes they need."""
    least = np.sqrt(1 - (loading**2).max(axis=1))
    chosen = np.zeros(len(loading), dtype=bool)
    for step, deviation in CONTROL_STEPS:
        rows = np.flatnonzero(~chosen & (least >= deviation * (1 - 1e-9)))
        chosen[rows] = True
        size = int(loading.shape[1] * CONTROL_REACH / step)
        length = max(1, BLOCK_ELEMENTS // size)
        for start in range(0, len(rows), length):
            yield rows[start : start + length], step


def _designs(loading: np.ndarray, family: np.ndarray) -> Iterator[_Design]:
    """Yield the comparisons that take part, families of equal size together."""
    rows = np.flatnonzero(~np.isnan(loading))
    rows = rows[np.argsort(family[rows], kind="stable")]
    sizes = np.bincount(family[rows])[family[rows]]
    for size in np.unique(sizes):
        row = rows[sizes == size]
        members = loading[row].reshape(-1, size)
        yield _Design(row, np.repeat(members, size, axis=0))


def _checked_comparisons(
    degrees_of_freedom: np.ndarray,
    variances: np.ndarray,
    control_variances: np.ndarray,
    family: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return degrees of freedom, loadings (NaN: takes no part) and family numbers."""
    freedom = np.asarray(degrees_of_freedom, dtype=float)
    own = np.asarray(variances, dtype=float)
    control = np.asarray(control_variances, dtype=float)
    family = family_numbers(family, len(own))
    for name, values in (("variances", own), ("control_variances", control)):
        if (values < 0).any():
            raise ValueError(f"{name} == {np.nanmin(values)}, must be >= 0.")
    total = own + control
    known = (total > 0) & (freedom > 0)
    share = np.divide(control, total, out=np.full(len(total), np.nan), where=known)
    finest = 1 - CONTROL_STEPS[-1][1] ** 2
    return freedom, np.sqrt(np.minimum(share, finest)), family
