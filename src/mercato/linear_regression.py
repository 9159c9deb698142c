"""Ordinary least squares with prediction intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

# Of the largest singular value: what is smaller is rounding.
_RANK_TOLERANCE = 1e-10


class LinearFit(NamedTuple):
    """A fitted line, where the (n, p) design had more rows than rank.

    coefficients is (p,), those of least norm where columns depend on each other; root
    is (p, rank) with root root' the inverse of X'X on the columns' span. residual_scale
    is the standard error of the residuals, of so many degrees of freedom.
    """

    coefficients: np.ndarray
    root: np.ndarray
    residual_scale: float
    degrees: int


def least_squares(design: np.ndarray, response: np.ndarray) -> LinearFit | None:
    """Fit a response (n,) to the columns of a design (n, p), or return None.

    There is None to return where n is not above the rank of the design, because nothing
    is left then to tell how far off predictions are.

    Raises ValueError where a number is not finite.

    >>> fit = least_squares(np.array([[1.0, 0], [1, 1], [1, 2]]), np.array([1.0, 3, 4]))
    >>> np.round(fit.coefficients, 6)
    array([1.166667, 1.5     ])
    >>> round(fit.residual_scale**2, 6), fit.degrees
    (0.166667, 1)
    """
    for name, values in (("design", design), ("response", response)):
        bad = values[~np.isfinite(values)]
        if len(bad):
            raise ValueError(f"{name} == {bad[0]}, must be finite.")
    if len(response) == 0:
        return None
    left, sizes, right = np.linalg.svd(design, full_matrices=False)
    kept = sizes > _RANK_TOLERANCE * sizes.max()
    degrees = len(response) - int(kept.sum())
    if degrees < 1:
        return None
    root = right[kept].T / sizes[kept]
    coefficients = root @ (left[:, kept].T @ response)
    residuals = response - design @ coefficients
    # What rounding leaves of a response that is fitted exactly is no error.
    noise = np.finfo(float).eps * len(response) * np.abs(response).max()
    scale = float(np.sqrt(residuals @ residuals / degrees))
    return LinearFit(coefficients, root, 0.0 if scale <= noise else scale, degrees)


def prediction(fit: LinearFit, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean (m,) of new responses and the scale (m,) of their t distribution.

    The scale is s sqrt(1 + x' (X'X)^-1 x), for rows x of the design (m, p) and the
    residual scale s.
    """
    leverage = ((design @ fit.root) ** 2).sum(axis=1)
    return design @ fit.coefficients, fit.residual_scale * np.sqrt(1 + leverage)


def quantiles_above(
    fit: LinearFit, design: np.ndarray, bounds: np.ndarray, probability: float
) -> np.ndarray:
    """Return a quantile (m,) of new responses that are known to be above bounds (m,).

    With F the t distribution of prediction and b the bound it is where F has reached
    F(b) + probability (1 - F(b)); b = -inf is no bound. Where the scale is 0 and the
    mean not above the bound, it is the bound itself.

    Raises ValueError where probability is not between 0 and 1.
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability == {probability}, must be > 0 and < 1.")
    mean, scale = prediction(fit, design)
    if fit.residual_scale == 0:
        return np.maximum(mean, bounds)
    # By the upper tail, which keeps its digits where a bound is far out.
    tail = special.stdtr(fit.degrees, -(bounds - mean) / scale)
    return mean - scale * special.stdtrit(fit.degrees, tail * (1 - probability))
