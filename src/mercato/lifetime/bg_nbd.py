"""BG/NBD: customers buy at random times and may stop after any purchase.

Fader, Hardie & Lee (2005), "Counting your customers" the easy way, Marketing
Science 24. While a customer is alive, purchases are a Poisson process of a rate that is
Gamma(r, alpha) over customers; after each repeat purchase the customer is gone with a
probability that is Beta(a, b). Times are in weeks, alpha as well.
"""

from __future__ import annotations

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

PARAMETERS = ("r", "alpha", "a", "b")
# Where |a - 1| is less, the mean of its two neighbours stands for a difference that
# would be 0 / 0.
_NEAR_ONE = 1e-4


def fit(histories: Histories) -> Fit:
    """Fit r, alpha, a and b by maximum likelihood.

    status tells apart 'no customers', 'no repeat purchases' and what maximise says.
    """
    customers = histories.count.sum()
    if customers == 0:
        return failed(NO_CUSTOMERS, len(PARAMETERS))
    purchases = histories.count @ histories.frequency
    if purchases == 0:
        return failed(NO_REPEAT_PURCHASES, len(PARAMETERS))
    weeks = histories.count @ histories.age / purchases
    starts = [
        np.array([0.5, 0.5 * weeks, 1.0, 4.0]),
        np.array([1.0, weeks, 0.5, 1.0]),
        np.array([2.0, 2 * weeks, 0.1, 4.0]),
    ]
    return maximise(lambda place: log_likelihood(place, histories), starts, customers)


def log_likelihood(
    parameters: np.ndarray, histories: Histories
) -> tuple[float, np.ndarray]:
    """Return the log-likelihood of all customers and its gradient (4,).

    Equation 6 of the paper as A1 A2 (A3 + A4), the sum of the last two by logarithms;
    alpha^r goes with A3 and A4.
    """
    r, alpha, a, b = parameters
    x, recency, age, count = histories
    repeats, place = np.unique(x, return_inverse=True)
    constant = (_rising(r, repeats) - _rising(a + b, repeats) + _rising(b, repeats))[
        place
    ]
    ended = np.log1p(age / alpha)
    last = np.log1p(recency / alpha)
    alive, gone = _parts(parameters, histories, ended, last)
    together = np.logaddexp(alive, gone)
    is_alive = np.exp(alive - together)
    is_gone = np.exp(gone - together)
    value = count @ (constant - x * np.log(alpha) + together)

    def digamma(start: float) -> np.ndarray:
        return (special.digamma(start + repeats) - special.digamma(start))[place]

    # b + x - 1 is in A4 only, and A4 is there only for x > 0.
    dropped = is_gone / np.where(x > 0, b + x - 1, 1.0)
    by_alpha = is_alive * age / (alpha + age) + is_gone * recency / (alpha + recency)
    gradient = [
        digamma(r) - is_alive * ended - is_gone * last,
        ((r + x) * by_alpha - x) / alpha,
        is_gone / a - digamma(a + b),
        digamma(b) - digamma(a + b) - dropped,
    ]
    return float(value), np.array([count @ part for part in gradient])


def _rising(start: float, times: np.ndarray) -> np.ndarray:
    """Return ln of start (start + 1) ... (start + times - 1)."""
    return special.gammaln(start + times) - special.gammaln(start)


def _parts(
    parameters: np.ndarray, histories: Histories, ended: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return ln A3 and ln A4, each (n,); who never came back is alive."""
    r, _, a, b = parameters
    x = histories.frequency
    left = np.log(a) - np.log(np.where(x > 0, b + x - 1, 1.0)) - (r + x) * last
    return -(r + x) * ended, np.where(x > 0, left, -np.inf)


def probability_alive(parameters: np.ndarray, histories: Histories) -> np.ndarray:
    """Return the probability (n,) of not having stopped; 1 without repeat purchases.

    Fader, Hardie & Lee (2008), Computing P(alive) using the BG/NBD model, equation 7.
    """
    alpha = parameters[1]
    alive, gone = _parts(
        parameters,
        histories,
        np.log1p(histories.age / alpha),
        np.log1p(histories.recency / alpha),
    )
    return special.expit(alive - gone)


def expected_orders_if_alive(
    parameters: np.ndarray, frequency: np.ndarray, age: np.ndarray, weeks: float
) -> np.ndarray:
    """Return the purchases (n,) of the next weeks, given that the customer is alive.

    Then the time of the last purchase does not matter. Equation 10 of the paper without
    its denominator, which is 1 / P(alive), after Euler's transformation of the
    hypergeometric function, so that it neither overflows nor cancels:
    (a + b + x - 1) / (a - 1) (1 - (1 - z)^(a - 1) F(a + b - 1 - r, a - 1;
    a + b + x - 1; z)), z = weeks / (alpha + age + weeks).
    """
    r, alpha, a, b = parameters
    if abs(a - 1) < _NEAR_ONE:
        sides = [np.array([r, alpha, 1 + way * _NEAR_ONE, b]) for way in (-2, 2)]
        below, above = (
            expected_orders_if_alive(side, frequency, age, weeks) for side in sides
        )
        return (below + above) / 2
    c = a + b + frequency - 1
    z = weeks / (alpha + age + weeks)
    kept = (1 - z) ** (a - 1) * special.hyp2f1(a + b - 1 - r, a - 1, c, z)
    return c / (a - 1) * (1 - kept)


def more_orders_if_alive(
    parameters: np.ndarray,
    frequency: np.ndarray,
    age: np.ndarray,
    weeks: float,
    orders: np.ndarray,
) -> np.ndarray:
    """Return the probability of more than so many purchases in the next weeks.

    Given that the customer is alive; the arrays are broadcast. As many purchases have
    to be made by a Poisson process of a rate that is Gamma(r + x, alpha + age), and the
    customer must not have stopped after any but the last of them, with chances that are
    Beta(a, b + x): I_z(n + 1, r + x) B(a, b + x + n) / B(a, b + x) with z = weeks /
    (alpha + age + weeks). It sums to expected_orders_if_alive over n = 0, 1, 2, ...

    With all parameters 1, of whoever bought once 2 weeks ago half buys again within 3:

    >>> nothing, three = np.zeros(1), 3.0
    >>> more_orders_if_alive(np.ones(4), nothing, nothing + 2, three, np.arange(2))
    array([0.5  , 0.125])
    """
    r, alpha, a, b = parameters
    made = special.betainc(orders + 1, r + frequency, weeks / (alpha + age + weeks))
    stayed = special.betaln(a, b + frequency + orders)
    return made * np.exp(stayed - special.betaln(a, b + frequency))
