"""Two rates, each with a Beta posterior: how they differ, by quadrature.

With c the density of one rate and F the distribution function of the other, every
question here is an expectation of F at places that depend on c. On the logit scale the
density of a Beta is smooth and falls off at both ends, where the trapezoid rule needs
few nodes to be exact to many digits (Trefethen & Weideman 2014, SIAM Review 56).
Nothing is drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import special

# What is cut off at either end of a posterior.
_TAIL = 1e-13
# Nodes for posteriors close to a normal, and for all others.
_FEW, _MANY = 25, 129
_CLOSE_TO_NORMAL = 20.0
# With the many, a rate's own nodes do for another that is so many times as narrow.
_ALIKE = 4.0
_MAXIMUM_STEPS = 60
# In posterior standard deviations; the last step's error is about its square.
_TOLERANCE = 1e-4


class Betas(NamedTuple):
    """Beta distributions with parameters a and b, each of shape (k,) and above 0."""

    a: np.ndarray
    b: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """The means, shape (k,)."""
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> np.ndarray:
        """The variances, shape (k,)."""
        total = self.a + self.b
        return self.a * self.b / (total**2 * (total + 1))

    def take(self, rows: np.ndarray) -> Betas:
        """Return the distributions of these rows."""
        return Betas(self.a[rows], self.b[rows])


class Difference(NamedTuple):
    """How a variant's rate differs from the control's; arrays of shape (k,).

    probability_above is that of the variant's rate exceeding the control's,
    expected_shortfall the mean of max(control - variant, 0); the bounds enclose the
    difference and the ratio variant / control in equal-tailed credible intervals.
    """

    probability_above: np.ndarray
    expected_shortfall: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    ratio_lower: np.ndarray
    ratio_upper: np.ndarray


def difference(variant: Betas, control: Betas, level: float) -> Difference:
    """Compare k pairs of independent rates.

    The probability is exact to about ten digits. So are the bounds where both rates
    have some successes and failures; with none of either, what is below a bound may
    differ by 0.002 from what it should be.

    >>> one_of_two = Betas(np.array([2.0]), np.array([2.0]))
    >>> found = difference(one_of_two, one_of_two, 0.95)
    >>> round(found.probability_above.item(), 9)
    0.5
    """
    found = np.empty((len(Difference._fields), len(variant.a)))
    smallest = np.min([variant.a, variant.b, control.a, control.b], axis=0)
    is_close = smallest >= _CLOSE_TO_NORMAL
    for rows, node_count in ((is_close, _FEW), (~is_close, _MANY)):
        for part in _parts(np.flatnonzero(rows)):
            found[:, part] = _difference(
                variant.take(part), control.take(part), level, node_count
            )
    return Difference(*found)


def nodes(betas: Betas, node_count: int = _MANY) -> tuple[np.ndarray, np.ndarray]:
    """Return rates (k, node_count) and weights, which sum to 1, of each distribution.

    The weighted sum of a function at the nodes is its expectation.

    >>> rates, weights = nodes(Betas(np.array([1.0]), np.array([3.0])))
    >>> round((rates * weights).sum().item(), 9)
    0.25
    """
    first = _logit_quantile(betas.a, betas.b)
    last = -_logit_quantile(betas.b, betas.a)
    place = np.linspace(0, 1, node_count)
    logits = first[:, None] * (1 - place) + last[:, None] * place
    a, b = betas.a[:, None], betas.b[:, None]
    density = a * special.log_expit(logits) + b * special.log_expit(-logits)
    weights = np.exp(density - density.max(axis=1, keepdims=True))
    return special.expit(logits), weights / weights.sum(axis=1, keepdims=True)


def _logit_quantile(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    # With a prior far below 1 the quantile is too small for a double.
    return special.logit(np.maximum(special.betaincinv(a, b, _TAIL), 1e-300))


def _parts(rows: np.ndarray, size: int = 4096) -> list[np.ndarray]:
    """Split rows so that the nodes of a part fit into memory."""
    return np.array_split(rows, len(rows) // size + 1) if len(rows) else []


class _Problem(NamedTuple):
    """One rate as nodes and weights (k, n), the other as a and b (k, 1).

    The nodes are the control's. Where is_reflected they are 1 - variant instead, the
    other rate then being 1 - control: the difference of the two is the same.
    """

    rates: np.ndarray
    weights: np.ndarray
    a: np.ndarray
    b: np.ndarray
    is_reflected: np.ndarray

    def expected(self, values: np.ndarray) -> np.ndarray:
        return (self.weights * values).sum(axis=1)

    def take(self, rows: np.ndarray) -> _Problem:
        return _Problem(*(column[rows] for column in self))

    def density(self, rates: np.ndarray) -> np.ndarray:
        """Return the other's density, 0 where a rate is not between 0 and 1."""
        inside = (rates > 0) & (rates < 1)
        rates = np.where(inside, rates, 0.5)
        logarithm = special.xlogy(self.a - 1, rates)
        logarithm += special.xlog1py(self.b - 1, -rates)
        return inside * np.exp(logarithm - special.betaln(self.a, self.b))


def _problem(
    variant: Betas, control: Betas, reflect: np.ndarray, node_count: int
) -> _Problem:
    at_nodes = Betas(
        np.where(reflect, variant.b, control.a), np.where(reflect, variant.a, control.b)
    )
    other = Betas(
        np.where(reflect, control.b, variant.a), np.where(reflect, control.a, variant.b)
    )
    rates, weights = nodes(at_nodes, node_count)
    return _Problem(
        rates, weights, other.a[:, None], other.b[:, None], reflect[:, None]
    )


def _difference(
    variant: Betas, control: Betas, level: float, node_count: int
) -> np.ndarray:
    """Return the fields of Difference, shape (6, k)."""
    # Between the nodes of the narrower one the other's distribution is smooth.
    narrower = variant.variance < control.variance
    problem = _problem(variant, control, narrower, node_count)
    rates, a, b = problem.rates, problem.a, problem.b
    below = special.betainc(a, b, rates)
    probability_below = problem.expected(below)
    # E max(x - V, 0) = (x - E V) F(x) + x (1 - x) f(x) / (a + b), by parts
    density = rates * (1 - rates) * problem.density(rates)
    shortfall = (rates - a / (a + b)) * below + density / (a + b)

    bounds = [
        _bounds(variant, control, probability_below, probability, node_count)
        for probability in ((1 - level) / 2, (1 + level) / 2)
    ]
    (lower, ratio_lower), (upper, ratio_upper) = bounds
    shortfall = np.maximum(problem.expected(shortfall), 0.0)
    above = 1 - probability_below
    return np.stack([above, shortfall, lower, upper, ratio_lower, ratio_upper])


def _bounds(
    variant: Betas,
    control: Betas,
    probability_below: np.ndarray,
    probability: float,
    node_count: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the quantiles of the difference and of the ratio, shape (k,).

    Where there are few successes or failures, the other's distribution function has a
    corner at the end of its range. Of two alike, the nodes of one do not reach it.
    """
    is_below = probability_below > probability
    is_low_end = variant.mean + control.mean < 1
    widths = np.sqrt(variant.variance), np.sqrt(control.variance)
    reflect = np.where(
        _alike(widths, node_count), is_below == is_low_end, widths[0] < widths[1]
    )
    problem = _problem(variant, control, reflect, node_count)
    effect = variant.mean - control.mean
    bound = _quantile(problem, _shifted, effect, np.hypot(*widths), probability)

    widths = np.sqrt(_log_variance(variant)), np.sqrt(_log_variance(control))
    reflect = np.where(_alike(widths, node_count), ~is_below, widths[0] < widths[1])
    problem = _problem(variant, control, reflect, node_count)
    effect = _log_mean(variant) - _log_mean(control)
    ratio = _quantile(problem, _scaled, effect, np.hypot(*widths), probability)
    return bound, np.exp(ratio)


def _alike(widths: tuple[np.ndarray, np.ndarray], node_count: int) -> np.ndarray:
    """Whether the nodes of either rate do for the other."""
    ratio = np.maximum(*widths) / np.minimum(*widths)
    return (ratio < _ALIKE) & (node_count == _MANY)


def _log_mean(betas: Betas) -> np.ndarray:
    return special.digamma(betas.a) - special.digamma(betas.a + betas.b)


def _log_variance(betas: Betas) -> np.ndarray:
    return special.polygamma(1, betas.a) - special.polygamma(1, betas.a + betas.b)


def _shifted(problem: _Problem, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rates of the other lie `place` above the nodes, with the derivative."""
    return problem.rates + place, np.ones_like(problem.rates)


def _scaled(problem: _Problem, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rates of the other make a ratio of exp(place), with the derivative."""
    sign = np.where(problem.is_reflected, -1.0, 1.0)
    rates = np.where(problem.is_reflected, 1 - problem.rates, problem.rates)
    scaled = rates * np.exp(np.minimum(sign * place, 700.0))
    return np.where(problem.is_reflected, 1 - scaled, scaled), scaled


def _quantile(
    problem: _Problem,
    threshold: Callable[[_Problem, np.ndarray], tuple[np.ndarray, np.ndarray]],
    mean: np.ndarray,
    error: np.ndarray,
    probability: float,
) -> np.ndarray:
    """Find the quantiles of a difference of this mean and standard deviation.

    Newton's method on the probit of the distribution function, which is nearly a line,
    within the bounds that Cantelli's inequality sets and bisection makes closer.
    """
    z = special.ndtri(probability)
    reach = np.sqrt(1 / min(probability, 1 - probability) - 1) * error
    low, high, place = mean - reach, mean + reach, mean + z * error
    active = np.arange(len(place))
    for _ in range(_MAXIMUM_STEPS):
        part, here = problem.take(active), place[active]
        rates, slope = threshold(part, here[:, None])
        below = part.expected(special.betainc(part.a, part.b, np.clip(rates, 0, 1)))
        low[active] = np.where(below < probability, here, low[active])
        high[active] = np.where(below < probability, high[active], here)
        with np.errstate(all="ignore"):
            probit = special.ndtri(below)
            density = part.expected(part.density(rates) * slope)
            normal = np.exp(-(probit**2) / 2) / np.sqrt(2 * np.pi)
            better = here + (z - probit) * normal / density
        inside = (better >= low[active]) & (better <= high[active])
        place[active] = np.where(inside, better, (low[active] + high[active]) / 2)
        active = active[np.abs(place[active] - here) > _TOLERANCE * error[active]]
        if not len(active):
            break
    return place
