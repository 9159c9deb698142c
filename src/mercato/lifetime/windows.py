"""What is fitted in each window: how often its customers buy, and for how much."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from mercato.lifetime import bg_nbd, pareto_nbd
from mercato.lifetime.customers import fit_amounts, in_window, windows_of
from mercato.lifetime.histories import read_histories
from mercato.lifetime.maximum_likelihood import OK, Fit

METHODS = {"bg_nbd": bg_nbd, "pareto_nbd": pareto_nbd}


class WindowFit(NamedTuple):
    """What was fitted in a window, by which method of METHODS."""

    method: str
    orders: Fit
    amounts: Fit

    @property
    def statuses(self) -> dict[str, str]:
        """Return 'ok', or why there are no numbers, for orders and for revenue."""
        of_orders, of_amounts = self.orders.status, self.amounts.status
        return {
            "orders_status": of_orders,
            "revenue_status": of_orders if of_orders != OK else of_amounts,
        }


def fitted_windows(
    counts: pa.Table, amounts: pa.Table, *, method: str
) -> dict[str, WindowFit]:
    """Fit a model in each window to how often and for how much its customers bought.

    counts has window_name, frequency, recency_days, age_days and customer_count, one
    row per distinct history; orders are fitted to it. amounts has window_name,
    frequency and monetary_amount (the mean amount of repeat purchases), one row per
    customer who is learned from; amounts are fitted to those with repeat purchases.
    method is bg_nbd or pareto_nbd. The result is by window.

    Raises ValueError where a method is not known or a history is refused by histories.
    """
    if method not in METHODS:
        raise ValueError(f"method == {method!r}, must be one of {sorted(METHODS)}.")
    return {
        window: WindowFit(
            method,
            METHODS[method].fit(read_histories(in_window(counts, window))),
            fit_amounts(in_window(amounts, window)),
        )
        for window in windows_of(counts)
    }
