"""Points in the order that makes results independent of the order of rows."""

from __future__ import annotations

import numpy as np

COORDINATE_DECIMALS = 6
SCORE_DECIMALS = 10


def check_at_least(name: str, value: float, bound: float) -> None:
    """Raise a ValueError that names argument, value and bound."""
    if value < bound:
        raise ValueError(f"{name} == {value}, must be >= {bound}.")


def ordered(points: np.ndarray) -> np.ndarray:
    """Return points (n, d) sorted by their first coordinate, then the next.

    >>> ordered(np.array([[1.0, 5.0], [0.0, 7.0], [1.0, 2.0]])).tolist()
    [[0.0, 7.0], [1.0, 2.0], [1.0, 5.0]]
    """
    return points[np.lexsort(points.T[::-1])] if points.size else points


def distinct_count(points: np.ndarray) -> int:
    """Return how many different points there are."""
    return len(np.unique(points, axis=0))


def rounded(value: float) -> float:
    """Round a criterion to what is the same on every machine."""
    return round(float(value), SCORE_DECIMALS) + 0.0
