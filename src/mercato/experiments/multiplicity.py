"""Several tests at once: p-values adjusted within families.

Holm bounds the chance of any false discovery in a family, Benjamini-Hochberg the share
of false ones among the discoveries; both need p-values alone. For several variants
against one control mercato.experiments.dunnett rejects more than Holm.
"""

from __future__ import annotations

import numpy as np


def family_sizes(p_values: np.ndarray, family: np.ndarray) -> np.ndarray:
    """Count the p-values that take part in the family of each, NaN not among them.

    Both arguments are (k,), family of any type that sorts. Raises ValueError where
    their lengths differ or a p-value is not between 0 and 1.

    >>> family_sizes(np.array([0.1, np.nan, 0.2]), np.array([1, 1, 2])).tolist()
    [1, 1, 1]
    """
    p_values, family = _checked(p_values, family)
    return np.bincount(family, ~np.isnan(p_values)).astype(np.int64)[family]


def holm(p_values: np.ndarray, family: np.ndarray) -> np.ndarray:
    """Adjust p-values (k,) by Holm's method within families (k,).

    The i-th smallest of m is multiplied by m - i + 1 and raised to the largest before
    it (Holm 1979, Scandinavian Journal of Statistics 6). A NaN takes no part and stays
    NaN. Raises ValueError as family_sizes does.

    >>> holm(np.array([0.01, 0.04, 0.03]), np.zeros(3)).tolist()
    [0.03, 0.06, 0.06]
    """
    p_values, family = _checked(p_values, family)
    order, rank, size = _ranked(p_values, family)
    scaled = np.minimum(p_values[order] * (size - rank), 1.0)
    adjusted = np.full(len(p_values), np.nan)
    adjusted[order] = running_maximum(scaled, family[order])
    return adjusted


def benjamini_hochberg(p_values: np.ndarray, family: np.ndarray) -> np.ndarray:
    """Adjust p-values (k,) to false discovery rates within families (k,).

    The i-th smallest of m is multiplied by m / i and lowered to the smallest after it
    (Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57). A NaN
    takes no part and stays NaN. Raises ValueError as family_sizes does.

    >>> benjamini_hochberg(np.array([0.02, 0.5, 0.03]), np.zeros(3)).tolist()
    [0.045, 0.5, 0.045]
    """
    p_values, family = _checked(p_values, family)
    order, rank, size = _ranked(p_values, family)
    # Never below the p-value, not even by rounding: the factor is at least 1.
    scaled = p_values[order] * (size / (rank + 1))
    # From the largest p-value down, families last to first: both in ascending order
    # once negated.
    adjusted = np.full(len(p_values), np.nan)
    backwards = order[::-1]
    adjusted[backwards] = -running_maximum(-scaled[::-1], -family[backwards])
    return adjusted


def _checked(p_values: np.ndarray, family: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p_values = np.asarray(p_values, dtype=float)
    bad = (p_values < 0) | (p_values > 1)
    if bad.any():
        raise ValueError(f"p_values == {p_values[bad][0]}, must be >= 0 and <= 1.")
    return p_values, family_numbers(family, len(p_values))


def family_numbers(family: np.ndarray, length: int) -> np.ndarray:
    """Give families (k,) numbers from 0 in ascending order; refuse another length."""
    family = np.asarray(family)
    if len(family) != length:
        raise ValueError(f"len(family) == {len(family)}, must be {length}.")
    return np.unique(family, return_inverse=True)[1]


def _ranked(
    p_values: np.ndarray, family: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Order what takes part by family and p-value; with rank from 0 and family size."""
    order = np.lexsort((p_values, family))
    order = order[~np.isnan(p_values[order])]
    sizes = np.bincount(family[order])
    starts = np.cumsum(sizes) - sizes
    rank = np.arange(len(order)) - starts[family[order]]
    return order, rank, sizes[family[order]]


def running_maximum(values: np.ndarray, family: np.ndarray) -> np.ndarray:
    """Return the largest value (k,) so far in each family (k,), which come in order.

    The values are ranked over all families: whole numbers keep families apart without
    rounding small p-values away.
    """
    levels, rank = np.unique(values, return_inverse=True)
    offset = (family - family.min(initial=0)) * len(levels)
    return levels[np.maximum.accumulate(offset + rank) - offset]
