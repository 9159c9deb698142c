"""When each customer orders next and for how much, by linear regression.

Both are regressed on what was known at every earlier purchase, on logarithms: gaps and
amounts are positive, skewed, and differ by factors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mercato.linear_regression import LinearFit, least_squares, quantiles_above
from mercato.threads import executor_of_threads

OK = "ok"
TOO_FEW_REPEAT_PURCHASES = "too few repeat purchases"
INTERVAL_LEVEL = 0.8
# What is further away is not foreseen.
_MOST_DAYS = 3650.0
_PROBABILITIES = {
    "": 0.5,
    "_lower": (1 - INTERVAL_LEVEL) / 2,
    "_upper": (1 + INTERVAL_LEVEL) / 2,
}

NEXT_ORDERS_SCHEMA = pa.schema(
    [("window_name", pa.string()), ("customer_id", pa.string())]
    + [
        (f"{name}{bound}", pa.float64())
        for name in ("expected_days", "expected_amount")
        for bound in _PROBABILITIES
    ]
    + [("status", pa.string())]
)


class WindowLines(NamedTuple):
    """What gaps and amounts of a window are expected by; None where nothing is."""

    gaps: LinearFit | None = None
    amounts: LinearFit | None = None

    @property
    def status(self) -> str:
        """Return 'ok', or why there are no numbers."""
        return OK if self.gaps and self.amounts else TOO_FEW_REPEAT_PURCHASES


def fitted_lines(purchases: pa.Table) -> dict[str, WindowLines]:
    """Fit gaps and amounts in each window.

    purchases has window_name, customer_id, purchase_number (from 1), mean_gap_days (up
    to this purchase; null at the first), mean_amount, next_gap_days and next_amount,
    one row per purchase that was followed by another. The result is by window.
    """
    ordered = purchases.sort_by(
        [(name, "ascending") for name in ("window_name", "customer_id")]
        + [("purchase_number", "ascending")]
    )
    with executor_of_threads():
        return {window: _fitted(rows) for window, rows in _by_window(ordered)}


def next_orders(lines: Mapping[str, WindowLines], purchases: pa.Table) -> pa.Table:
    """Predict customers' next orders by the lines of their windows.

    purchases is as fitted_lines takes it, one row per customer and window, that of the
    last purchase, with elapsed_days (from it to the window's end). What is said of one
    depends on no other.

    The result is of NEXT_ORDERS_SCHEMA, one row per window and customer, in the order
    of windows and then of the given rows. expected_days is the median of the days from
    the window's end to the next purchase, given that there was none up to the end, its
    bounds are the quantiles at 10 and 90 %; null beyond ten years. expected_amount and
    its bounds are those of the amount. status is 'ok', or 'too few repeat purchases'
    where there is nothing to tell.
    """
    with executor_of_threads():
        tables = [
            _predicted(lines.get(window, WindowLines()), rows)
            for window, rows in _by_window(purchases)
        ]
    return pa.concat_tables([NEXT_ORDERS_SCHEMA.empty_table(), *tables])


def _by_window(purchases: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    for window in sorted(pc.unique(purchases["window_name"]).to_pylist()):
        yield window, purchases.filter(pc.equal(purchases["window_name"], window))


def _fitted(purchases: pa.Table) -> WindowLines:
    gaps, amounts = (
        np.log(_floats(purchases, name)) for name in ("next_gap_days", "next_amount")
    )
    return WindowLines(
        least_squares(gap_design(purchases), gaps),
        least_squares(amount_design(purchases), amounts),
    )


def _predicted(lines: WindowLines, purchases: pa.Table) -> pa.Table:
    columns = _expected_days(lines.gaps, purchases)
    columns |= _expected_amounts(lines.amounts, purchases)
    columns["status"] = np.full(len(purchases), lines.status, object)
    arrays = [
        pa.array(columns[field.name], field.type, from_pandas=True)
        if field.name in columns
        else purchases[field.name]
        for field in NEXT_ORDERS_SCHEMA
    ]
    return pa.table(arrays, NEXT_ORDERS_SCHEMA)


def gap_design(purchases: pa.Table) -> np.ndarray:
    """Return what gaps are explained by, (n, 4).

    1, ln of the purchase's number, whether it is not the first, and if so ln of the
    mean gap up to it.
    """
    number = _floats(purchases, "purchase_number")
    gap = np.nan_to_num(_floats(purchases, "mean_gap_days"), nan=1.0)
    return np.column_stack(
        [np.ones(len(number)), np.log(number), number > 1, np.log(gap)]
    )


def amount_design(purchases: pa.Table) -> np.ndarray:
    """Return what amounts are explained by, (n, 3).

    1, ln of the purchase's number and ln of the mean amount up to it.
    """
    number = _floats(purchases, "purchase_number")
    amount = _floats(purchases, "mean_amount")
    return np.column_stack([np.ones(len(number)), np.log(number), np.log(amount)])


def _expected_days(fit: LinearFit | None, wanted: pa.Table) -> dict[str, np.ndarray]:
    elapsed = _floats(wanted, "elapsed_days")
    days = _quantiles("expected_days", fit, gap_design(wanted), elapsed)
    ahead = {name: values - elapsed for name, values in days.items()}
    return {
        name: np.where(values <= _MOST_DAYS, values, np.nan)
        for name, values in ahead.items()
    }


def _expected_amounts(fit: LinearFit | None, wanted: pa.Table) -> dict[str, np.ndarray]:
    nothing = np.zeros(len(wanted))
    return _quantiles("expected_amount", fit, amount_design(wanted), nothing)


def _quantiles(
    name: str, fit: LinearFit | None, design: np.ndarray, bounds: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the median and its bounds, above what is known to be exceeded."""
    if fit is None:
        nothing = np.full(len(design), np.nan)
        return {f"{name}{bound}": nothing for bound in _PROBABILITIES}
    with np.errstate(divide="ignore", over="ignore"):
        return {
            f"{name}{bound}": np.exp(
                quantiles_above(fit, design, np.log(bounds), probability)
            )
            for bound, probability in _PROBABILITIES.items()
        }


def _floats(table: pa.Table, name: str) -> np.ndarray:
    return table[name].cast(pa.float64()).to_numpy()
