"""When each customer orders next and for how much, by linear regression.

Both are regressed on what was known at every earlier purchase, on logarithms: gaps and
amounts are positive, skewed, and differ by factors.
"""

from __future__ import annotations

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


def next_orders(purchases: pa.Table) -> pa.Table:
    """Fit gaps and amounts in each window and predict every customer's next order.

    purchases has window_name, customer_id, purchase_number (from 1), mean_gap_days (up
    to this purchase; null at the first), mean_amount, elapsed_days (from it to the
    window's end), next_gap_days and next_amount (null at a customer's last purchase).
    Rows with a next purchase are learned from, the others are predicted.

    The result is of NEXT_ORDERS_SCHEMA, one row per window and customer, sorted.
    expected_days is the median of the days from the window's end to the next purchase,
    given that there was none up to the end, its bounds are the quantiles at 10 and
    90 %; null beyond ten years. expected_amount and its bounds are those of the amount.
    status is 'ok', or 'too few repeat purchases' where there is nothing to tell.
    """
    ordered = purchases.sort_by(
        [(name, "ascending") for name in ("window_name", "customer_id")]
        + [("purchase_number", "ascending")]
    )
    windows = sorted(pc.unique(ordered["window_name"]).to_pylist())
    with executor_of_threads():
        tables = [
            _of_window(ordered.filter(pc.equal(ordered["window_name"], window)))
            for window in windows
        ]
    return pa.concat_tables([NEXT_ORDERS_SCHEMA.empty_table(), *tables])


def _of_window(purchases: pa.Table) -> pa.Table:
    is_learned = pc.is_valid(purchases["next_gap_days"])
    learned = purchases.filter(is_learned)
    wanted = purchases.filter(pc.invert(is_learned))
    gaps = least_squares(gap_design(learned), np.log(_floats(learned, "next_gap_days")))
    amounts = least_squares(
        amount_design(learned), np.log(_floats(learned, "next_amount"))
    )
    columns = {name: wanted[name] for name in ("window_name", "customer_id")}
    columns |= _expected_days(gaps, wanted) | _expected_amounts(amounts, wanted)
    is_fitted = gaps is not None and amounts is not None
    columns["status"] = np.full(
        len(wanted), OK if is_fitted else TOO_FEW_REPEAT_PURCHASES, object
    )
    return pa.table(
        {
            field.name: pa.array(columns[field.name], field.type, from_pandas=True)
            if isinstance(columns[field.name], np.ndarray)
            else columns[field.name]
            for field in NEXT_ORDERS_SCHEMA
        },
        NEXT_ORDERS_SCHEMA,
    )


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
