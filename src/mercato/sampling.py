"""Samples that need no chance."""

from __future__ import annotations

import numpy as np


def evenly_spaced(values: np.ndarray, limit: int) -> np.ndarray:
    """Return at most limit rows, as far apart in their order as they can be.

    >>> evenly_spaced(np.arange(10), 4).tolist()
    [0, 2, 5, 7]
    """
    if len(values) <= limit:
        return values
    return values[np.arange(limit) * len(values) // limit]
