"""Gamma-Gamma: what a purchase of each customer is worth on average.

Fader & Hardie (2013), The Gamma-Gamma model of monetary value. Amounts of a customer's
purchases are Gamma(p, rate), the rate is Gamma(q, v) over customers, and both have
nothing to do with how often the customer buys. v is in the currency of the amounts.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from mercato.lifetime.maximum_likelihood import (
    NO_REPEAT_PURCHASES,
    OK,
    Fit,
    failed,
    maximise,
)

PARAMETERS = ("p", "q", "v")
NO_FINITE_MEAN = "no finite mean"


def fit(frequency: np.ndarray, mean_amount: np.ndarray) -> Fit:
    """Fit p, q and v by maximum likelihood to customers with repeat purchases.

    frequency (n,) is the number of their repeat purchases, mean_amount (n,) the mean
    amount of these. status is 'no repeat purchases' where n is 0, 'no finite mean'
    where q is at most 1, so that nothing can be expected of customers without repeat
    purchases, or what maximise says.

    Raises ValueError where a frequency is below 1, or an amount not above 0 and finite.
    """
    _check(frequency, mean_amount)
    if len(frequency) == 0:
        return failed(NO_REPEAT_PURCHASES, len(PARAMETERS))
    # Sorted, so that sums do not depend on the order of the rows.
    order = np.lexsort([mean_amount, frequency])
    frequency, mean_amount = frequency[order], mean_amount[order]
    unit = mean_amount.mean()
    starts = [np.array([2.0, 3.0, 1.0]), np.array([6.0, 4.0, 0.5]), np.ones(3) * 1.5]
    found = maximise(
        lambda place: log_likelihood(place, frequency, mean_amount / unit),
        starts,
        len(frequency),
    )
    if found.status == OK and found.parameters[1] <= 1:
        return failed(NO_FINITE_MEAN, len(PARAMETERS))
    return found._replace(
        parameters=found.parameters * [1, 1, unit],
        log_likelihood=found.log_likelihood - len(frequency) * np.log(unit),
    )


def log_likelihood(
    parameters: np.ndarray, frequency: np.ndarray, mean_amount: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the log-likelihood of all customers and its gradient (3,).

    Equation 1a of the note: Gamma(px + q) / Gamma(px) / Gamma(q) v^q x^px m^(px - 1) /
    (v + xm)^(px + q) for x purchases of the mean amount m.
    """
    p, q, v = parameters
    repeats, place = np.unique(frequency, return_inverse=True)
    shape = p * repeats
    constant = special.gammaln(shape + q) - special.gammaln(shape) - special.gammaln(q)
    spent = frequency * mean_amount
    own = np.log(spent / (v + spent))
    prior = -np.log1p(spent / v)
    value = constant[place] + p * frequency * own + q * prior - np.log(mean_amount)
    together = special.digamma(shape + q)
    by_p = frequency * ((together - special.digamma(shape))[place] + own)
    by_q = (together - special.digamma(q))[place] + prior
    by_v = q / v - (p * frequency + q) / (v + spent)
    return float(value.sum()), np.array([by_p.sum(), by_q.sum(), by_v.sum()])


def expected_order_value(
    parameters: np.ndarray, frequency: np.ndarray, mean_amount: np.ndarray
) -> np.ndarray:
    """Return the mean amount (n,) to be expected of each customer's next purchases.

    Equation 5 of the note: p (v + xm) / (px + q - 1), a mean of the customer's own
    amounts and of everybody's. Where frequency is 0, mean_amount does not matter.

    >>> expected_order_value(np.array([6.0, 4.0, 15.0]), np.array([0.0, 1]), [0, 39.0])
    array([30., 36.])
    """
    p, q, v = parameters
    spent = np.where(frequency > 0, frequency * np.nan_to_num(mean_amount), 0.0)
    return p * (v + spent) / (p * frequency + q - 1)


def frequency_value_correlation(
    frequency: np.ndarray, mean_amount: np.ndarray
) -> float:
    """Return Pearson's correlation, NaN where either does not vary.

    The model supposes that there is none.
    """
    _check(frequency, mean_amount)
    if len(frequency) < 2 or np.ptp(frequency) == 0 or np.ptp(mean_amount) == 0:
        return np.nan
    order = np.lexsort([mean_amount, frequency])
    return float(np.corrcoef(frequency[order], mean_amount[order])[0, 1])


def _check(frequency: np.ndarray, mean_amount: np.ndarray) -> None:
    bad = frequency[~(frequency >= 1)]
    if len(bad):
        raise ValueError(f"frequency == {bad[0]}, must be >= 1.")
    bad = mean_amount[~((mean_amount > 0) & np.isfinite(mean_amount))]
    if len(bad):
        raise ValueError(f"mean_amount == {bad[0]}, must be > 0 and finite.")
