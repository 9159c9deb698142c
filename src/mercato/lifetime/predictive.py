"""What a single customer may do: quantiles of future orders and revenue.

Expectations get sure with many customers, a customer's future does not. These are the
distributions of orders and revenue themselves, at the fitted parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import ModuleType

import numpy as np
from scipy import special

from mercato.lifetime.histories import Histories

# More orders than are counted are less likely than that.
_NEGLIGIBLE = 1e-4
_MOST_ORDERS = 2**20
# Numbers of histories and orders that are computed at a time.
_BLOCK = 65_536
# Of logarithms of revenue, in Newton steps that are at most so many.
_REACH = 60.0
_STEPS = 60
# Newton steps square what is missing: the next one would be far below a cent.
_LAST_STEP = 1e-4


def future_quantiles(
    model: ModuleType,
    parameters: np.ndarray,
    histories: Histories,
    weeks: float,
    amount_parameters: np.ndarray | None,
    probabilities: Sequence[float],
) -> tuple[np.ndarray, np.ndarray]:
    """Return quantiles of the orders and of the revenue of the next weeks, each (n, q).

    A quantile of orders is the least number that is exceeded with a probability of at
    most 1 - q. Revenue is in units of v + x m, which is what Gamma-Gamma knows of a
    customer of x repeat purchases of the mean amount m; amount_parameters are its p, q
    and v, and None makes it NaN. Parameters are taken for certain.

    Raises ValueError where a probability is not between 0 and 1.
    """
    for probability in probabilities:
        if not 0 < probability < 1:
            raise ValueError(f"probability == {probability}, must be > 0 and < 1.")
    size = (len(histories.age), len(probabilities))
    orders, revenue = np.zeros(size), np.full(size, np.nan)
    for rows, more in _more_orders(model, parameters, histories, weeks):
        frequency = histories.frequency[rows]
        for place, probability in enumerate(probabilities):
            orders[rows, place] = (more > 1 - probability).sum(axis=1)
            if amount_parameters is not None:
                revenue[rows, place] = revenue_quantile(
                    more, frequency, amount_parameters, probability
                )
    return orders, revenue


def _more_orders(
    model: ModuleType, parameters: np.ndarray, histories: Histories, weeks: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give rows (m,), and the probabilities (m, k) of more than 0, 1, ... k - 1 orders.

    Up to where they are negligible, which rows of one block are after equally many.
    """
    alive = model.probability_alive(parameters, histories)
    frequency, age = histories.frequency, histories.age
    count = np.ones(len(alive), dtype=np.int64)
    waiting = np.arange(len(alive))
    while len(waiting) and count[waiting[0]] < _MOST_ORDERS:
        more = model.more_orders_if_alive(
            parameters, frequency[waiting], age[waiting], weeks, count[waiting]
        )
        waiting = waiting[alive[waiting] * more > _NEGLIGIBLE]
        count[waiting] *= 2
    for most in np.unique(count):
        of_count = np.flatnonzero(count == most)
        for start in range(0, len(of_count), max(1, _BLOCK // most)):
            rows = of_count[start : start + max(1, _BLOCK // most)]
            more = model.more_orders_if_alive(
                parameters,
                frequency[rows, None],
                age[rows, None],
                weeks,
                np.arange(most + 1),
            )
            yield rows, alive[rows, None] * more


def revenue_quantile(
    more: np.ndarray, frequency: np.ndarray, parameters: np.ndarray, probability: float
) -> np.ndarray:
    """Return a quantile (m,) of revenue in units of v + x m.

    more (m, k) has the probabilities of more than 0, 1, ... k - 1 orders. The sum of n
    amounts is Gamma(pn) over Gamma(px + q), a beta prime variable, so that revenue is a
    mixture of these over n, and 0 for n = 0.
    """
    p, q, _ = parameters
    quantile = np.zeros(len(more))
    rows = np.flatnonzero(more[:, 0] > 1 - probability)
    more, shape = more[rows], (p * frequency[rows] + q)[:, None]
    weight = -np.diff(more, axis=1)
    sums = p * np.arange(1, more.shape[1])
    scale = special.betaln(sums, shape)

    def missing(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        share = special.expit(logs)[:, None]
        below = (weight * special.betainc(sums, shape, share)).sum(axis=1)
        density = special.xlogy(sums, share) + special.xlog1py(shape, -share) - scale
        above = more[:, 0] - below - (1 - probability)
        return above, (weight * np.exp(density)).sum(axis=1)

    quantile[rows] = np.exp(_zero(missing, np.log(sums[0] / shape[:, 0])))
    return quantile


def _zero(
    falling: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], start: np.ndarray
) -> np.ndarray:
    """Return where a falling function (m,) is 0; it comes with its slope, without sign.

    By Newton steps, each row for itself, halved where they leave what holds the zero.
    """
    place = start
    low, high = np.full((2, len(start)), [[-_REACH], [_REACH]])
    is_moving = np.ones(len(start), dtype=bool)
    for _ in range(_STEPS):
        value, slope = falling(place)
        low, high = np.where(value > 0, place, low), np.where(value > 0, high, place)
        with np.errstate(all="ignore"):
            moved = place + value / slope
        is_inside = (moved > low) & (moved < high)
        moved = np.where(is_inside, moved, (low + high) / 2)
        is_last = np.abs(moved - place) < _LAST_STEP
        # Who has arrived stays, so that no row depends on the others of its block.
        place = np.where(is_moving, moved, place)
        is_moving &= ~is_last
        if not is_moving.any():
            break
    return place
