"""One scale for all features: logarithms, standardised, with nothing missing.

A design has two columns for each feature: the signed logarithm of its value, and
whether it is missing. Standardised, a missing value stands at the mean of the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Moments(NamedTuple):
    """Of each of d columns: how many numbers, their mean, their squared deviations."""

    counts: np.ndarray
    means: np.ndarray
    squares: np.ndarray

    @property
    def deviations(self) -> np.ndarray:
        """The standard deviations (d,), of the numbers as a population."""
        return np.sqrt(self.squares / np.maximum(self.counts, 1))


def design_of(features: np.ndarray) -> np.ndarray:
    """Return the design (n, 2f) of features (n, f): signed logarithms, then misses.

    >>> design_of(np.array([[np.e - 1, np.nan], [1 - np.e, 0]]))
    array([[ 1., nan,  0.,  1.],
           [-1.,  0.,  0.,  0.]])
    """
    logarithms = np.sign(features) * np.log1p(np.abs(features))
    return np.hstack([logarithms, np.isnan(features)])


def no_moments(width: int) -> Moments:
    """Return the moments of no rows of that many columns."""
    return Moments(np.zeros(width), np.zeros(width), np.zeros(width))


def moments_of(design: np.ndarray) -> Moments:
    """Return the moments of the columns of a design (n, d), leaving out NaN."""
    is_known = ~np.isnan(design)
    counts = is_known.sum(axis=0).astype(float)
    values = np.where(is_known, design, 0)
    means = values.sum(axis=0) / np.maximum(counts, 1)
    squares = (np.where(is_known, design - means, 0) ** 2).sum(axis=0)
    # What only rounding tells apart is the same.
    is_constant = squares <= counts * (1e-12 * np.abs(means)) ** 2
    return Moments(counts, means, np.where(is_constant, 0, squares))


def merged(first: Moments, second: Moments) -> Moments:
    """Return the moments of the rows of both (Chan, Golub & LeVeque 1983, eq. 2.1).

    >>> both = merged(moments_of(np.array([[1.0]])), moments_of(np.array([[3.0]])))
    >>> [float(number[0]) for number in both]
    [2.0, 2.0, 2.0]
    """
    counts = first.counts + second.counts
    share = second.counts / np.maximum(counts, 1)
    apart = second.means - first.means
    return Moments(
        counts,
        first.means + apart * share,
        first.squares + second.squares + apart**2 * first.counts * share,
    )


def standardised(design: np.ndarray, moments: Moments) -> np.ndarray:
    """Return a design (n, d) in deviations from the mean; 0 where NaN or constant."""
    deviations = moments.deviations
    is_constant = deviations == 0
    scaled = (design - moments.means) / np.where(is_constant, 1, deviations)
    return np.where(np.isnan(scaled) | is_constant, 0, scaled)
