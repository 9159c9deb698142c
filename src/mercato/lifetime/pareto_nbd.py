"""Pareto/NBD: customers buy at random times and may stop at any time.

Schmittlein, Morrison & Colombo (1987), Counting your customers: who are they and what
will they do next?, Management Science 33. While a customer is alive, purchases are a
Poisson process of a rate that is Gamma(r, alpha) over customers; lifetimes are
exponential with a rate that is Gamma(s, beta). Times are in weeks, alpha and beta too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from mercato.lifetime.histories import Histories
from mercato.lifetime.maximum_likelihood import (
    NO_CUSTOMERS,
    NO_REPEAT_PURCHASES,
    Fit,
    failed,
    maximise,
)

PARAMETERS = ("r", "alpha", "s", "beta")
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_FEW_NODES, _FEW_WEIGHTS = np.polynomial.legendre.leggauss(12)
# Beyond so many times its decay an exponential is nothing to a double.
_REACH = 40.0
# Histories whose integrals are computed at a time; small enough for a cache.
_BLOCK = 8_192


def fit(histories: Histories) -> Fit:
    """Fit r, alpha, s and beta by maximum likelihood.

    status tells apart 'no customers', 'no repeat purchases' and what maximise says.
    """
    customers = histories.count.sum()
    if customers == 0:
        return failed(NO_CUSTOMERS, len(PARAMETERS))
    purchases = histories.count @ histories.frequency
    if purchases == 0:
        return failed(NO_REPEAT_PURCHASES, len(PARAMETERS))
    age = histories.count @ histories.age / customers
    weeks = age * customers / purchases
    starts = [
        np.array([0.5, 0.5 * weeks, 0.5, age]),
        np.array([1.0, weeks, 1.0, age]),
        np.array([1.0, weeks, 0.2, 0.2 * age]),
    ]
    return maximise(lambda place: log_likelihood(place, histories), starts, customers)


def log_likelihood(
    parameters: np.ndarray, histories: Histories
) -> tuple[float, np.ndarray]:
    """Return the log-likelihood of all customers and its gradient (4,).

    With k = Gamma(r + x) / Gamma(r) alpha^r beta^s a history of x purchases, the last
    at t, has the likelihood k / (alpha + age)^(r + x) / (beta + age)^s (still alive)
    plus k s times the integral from t to age of (alpha + y)^-(r + x)
    (beta + y)^-(s + 1) dy (gone at y). Fader & Hardie (2005), A note on deriving the
    Pareto/NBD model, write the integral as a difference of two hypergeometric
    functions, which cancels and has no gradient in closed form; here it and its
    gradient are Gauss-Legendre sums.
    """
    value, gradient = 0.0, np.zeros(4)
    for start in range(0, len(histories.count), _BLOCK):
        part = histories.part(slice(start, start + _BLOCK))
        found = _block_log_likelihood(parameters, part)
        value += found[0]
        gradient += found[1]
    return value, gradient


def _block_log_likelihood(
    parameters: np.ndarray, histories: Histories
) -> tuple[float, np.ndarray]:
    r, alpha, s, beta = parameters
    x, _, age, count = histories
    repeats, place = np.unique(x, return_inverse=True)
    constant = (special.gammaln(r + repeats) - special.gammaln(r))[place]
    digamma = (special.digamma(r + repeats) - special.digamma(r))[place]
    gone = _gone(parameters, histories, with_means=True)
    alive = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    together = np.logaddexp(alive, gone.log_density)
    is_alive = np.exp(alive - together)
    is_gone = np.exp(gone.log_density - together)
    value = count @ (constant + r * np.log(alpha) + s * np.log(beta) + together)
    gradient = [
        digamma
        + np.log(alpha)
        - is_alive * np.log(alpha + age)
        - is_gone * gone.log_alpha_mean,
        r / alpha
        - (r + x) * (is_alive / (alpha + age) + is_gone * gone.per_alpha_mean),
        np.log(beta)
        - is_alive * np.log(beta + age)
        + is_gone * (1 / s - gone.log_beta_mean),
        s / beta - s * is_alive / (beta + age) - (s + 1) * is_gone * gone.per_beta_mean,
    ]
    return float(value), np.array([count @ part for part in gradient])


class _Gone(NamedTuple):
    """Customers gone at some y between last purchase and now; arrays of (n,).

    log_density is ln of s times the integral. The others are means over y, with the
    integrand as weight, of ln(alpha + y), 1 / (alpha + y) and the same of beta.
    """

    log_density: np.ndarray
    log_alpha_mean: np.ndarray
    per_alpha_mean: np.ndarray
    log_beta_mean: np.ndarray
    per_beta_mean: np.ndarray


def _gone(parameters: np.ndarray, histories: Histories, with_means: bool) -> _Gone:
    """Integrate over v = ln(smaller + y), smaller being the lesser of alpha and beta.

    In v the integrand has no singularity nearer than pi i to the real line, so that few
    nodes do; it falls ever faster, so that where it is steep at the start its end can
    be left out.
    """
    r, alpha, s, beta = parameters
    x, recency, age, _ = histories
    smaller = min(alpha, beta)
    start = np.log(smaller + recency)
    length = np.log1p((age - recency) / (smaller + recency))
    decay = (
        (r + x) * (smaller + recency) / (alpha + recency)
        + (s + 1) * (smaller + recency) / (beta + recency)
        - 1
    )
    length = np.where(
        decay * length > _REACH, _REACH / np.maximum(decay, 1e-300), length
    )
    v = start[:, None] + length[:, None] * (1 + _NODES) / 2
    shifted = np.exp(v)
    to_alpha = shifted + (alpha - smaller)
    to_beta = shifted + (beta - smaller)
    log_alpha = v if alpha == smaller else np.log(to_alpha)
    log_beta = v if beta == smaller else np.log(to_beta)
    density = v - (r + x)[:, None] * log_alpha - (s + 1) * log_beta
    highest = density.max(axis=1)
    density = np.exp(density - highest[:, None]) * (_WEIGHTS / 2)
    total = density.sum(axis=1)
    with np.errstate(divide="ignore"):
        # Who bought on the last day cannot be gone since.
        log_density = np.log(s) + highest + np.log(total * length)
    if not with_means:
        return _Gone(log_density, *np.full((4, len(x)), np.nan))
    density /= total[:, None]
    return _Gone(
        log_density,
        *(
            np.einsum("ij,ij->i", density, of)
            for of in (log_alpha, 1 / to_alpha, log_beta, 1 / to_beta)
        ),
    )


def probability_alive(parameters: np.ndarray, histories: Histories) -> np.ndarray:
    """Return the probability (n,) of not having stopped."""
    r, alpha, s, beta = parameters
    found = np.empty(len(histories.age))
    for start in range(0, len(found), _BLOCK):
        rows = slice(start, start + _BLOCK)
        part = histories.part(rows)
        alive = -(r + part.frequency) * np.log(alpha + part.age)
        alive -= s * np.log(beta + part.age)
        gone = _gone(parameters, part, with_means=False)
        found[rows] = special.expit(alive - gone.log_density)
    return found


def expected_orders_if_alive(
    parameters: np.ndarray, frequency: np.ndarray, age: np.ndarray, weeks: float
) -> np.ndarray:
    """Return the purchases (n,) of the next weeks, given that the customer is alive.

    Equation 22 of the note without P(alive): (r + x) / (alpha + age) (beta + age) /
    (s - 1) (1 - ((beta + age) / (beta + age + weeks))^(s - 1)); with s = 1 the last two
    factors are the logarithm of the ratio.
    """
    r, alpha, s, beta = parameters
    ratio = np.log1p(weeks / (beta + age))
    lived = ratio if s == 1 else -np.expm1(-(s - 1) * ratio) / (s - 1)
    return (r + frequency) / (alpha + age) * (beta + age) * lived


def more_orders_if_alive(
    parameters: np.ndarray,
    frequency: np.ndarray,
    age: np.ndarray,
    weeks: float,
    orders: np.ndarray,
) -> np.ndarray:
    """Return the probability of more than so many purchases in the next weeks.

    Given that the customer is alive; the arrays are broadcast. A customer who lives for
    y more weeks makes more than n purchases in them with the probability I_z(n + 1,
    r + x), z = y / (alpha + age + y). The rest of the lifetime is Pareto of shape s and
    scale beta + age; over it that is a Gauss-Legendre sum in ln(beta + age + y), and
    who outlives the weeks has all of them. It sums to expected_orders_if_alive over
    n = 0, 1, 2, ...
    """
    r, alpha, s, beta = parameters
    scale = np.expand_dims(beta + age, -1)
    length = np.log1p(weeks / scale)
    v = length * (1 + _FEW_NODES) / 2
    lived = scale * np.expm1(v)
    made = special.betainc(
        np.expand_dims(orders + 1, -1),
        np.expand_dims(r + frequency, -1),
        lived / (np.expand_dims(alpha + age, -1) + lived),
    )
    died = (made * s * np.exp(-s * v) * _FEW_WEIGHTS).sum(axis=-1) * length[..., 0] / 2
    outlived = special.betainc(orders + 1, r + frequency, weeks / (alpha + age + weeks))
    return died + np.exp(-s * length[..., 0]) * outlived
