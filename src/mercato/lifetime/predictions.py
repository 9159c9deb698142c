"""What every customer is expected to buy, at several horizons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import special

from mercato.lifetime import gamma_gamma
from mercato.lifetime.customers import amounts_of, in_window, windows_of
from mercato.lifetime.histories import DAYS_PER_WEEK, Histories
from mercato.lifetime.intervals import (
    INTERVAL_LEVEL,
    around_positive,
    around_probability,
    log_variance,
)
from mercato.lifetime.maximum_likelihood import OK, Fit
from mercato.lifetime.predictive import future_quantiles
from mercato.lifetime.windows import METHODS, WindowFit

# What a customer does is less sure than what is expected of them.
PREDICTIVE_LEVEL = 0.8

_BOUNDED = ("probability_alive", "expected_orders", "expected_revenue")
_NUMBERS = [f"{name}{bound}" for name in _BOUNDED for bound in ("", "_lower", "_upper")]
_PREDICTED = [
    f"predicted_{name}{bound}"
    for name in ("orders", "revenue")
    for bound in ("_lower", "_upper")
]
PREDICTIONS_SCHEMA = pa.schema(
    [
        ("window_name", pa.string()),
        ("customer_id", pa.string()),
        ("horizon_days", pa.int64()),
    ]
    + [
        (name, pa.float64())
        for name in [*_NUMBERS, *_PREDICTED, "expected_order_value"]
    ]
    + [("orders_status", pa.string()), ("revenue_status", pa.string())]
)


class Predictions(NamedTuple):
    """Predictions for n histories and h horizons; NaN where they have no number.

    The variances are of log-odds (alive, (n,)) and of logarithms (orders, (n, h)). The
    quantiles (n, h, 2) are those of future_quantiles at both ends of PREDICTIVE_LEVEL.
    """

    alive: np.ndarray
    alive_variance: np.ndarray
    orders: np.ndarray
    orders_variance: np.ndarray
    orders_quantiles: np.ndarray
    revenue_quantiles: np.ndarray


def customer_predictions(
    fits: Mapping[str, WindowFit], customers: pa.Table, *, horizon_days: Sequence[int]
) -> pa.Table:
    """Predict orders and revenue of customers by what was fitted in their windows.

    customers has window_name, customer_id, frequency, recency_days, age_days,
    monetary_amount and holdout_days. They are predicted holdout_days ahead, or at each
    of horizon_days where it is null; what is said of one depends on no other.

    The result is of PREDICTIONS_SCHEMA, one row per window, customer and horizon, in
    the order of windows, then of the given rows, then of horizons. Bounds are those of
    the expectation (95 %, by the delta method from the uncertainty of all parameters),
    not of what a single customer will do. Between predicted_orders_lower and _upper,
    and the same of revenue, is what a single customer does in 80 % of the cases, if the
    parameters are right. orders_status and revenue_status are 'ok' or say why the
    numbers are null.

    Raises ValueError where a horizon is below 1 or a window has several holdout_days.
    """
    for horizon in horizon_days:
        if horizon < 1:
            raise ValueError(f"horizon_days == {horizon}, must be >= 1.")
    tables = [
        _of_window(window, fits[window], in_window(customers, window), horizon_days)
        for window in windows_of(customers)
    ]
    return pa.concat_tables([PREDICTIONS_SCHEMA.empty_table(), *tables])


def _of_window(
    window: str, fit: WindowFit, customers: pa.Table, horizon_days: Sequence[int]
) -> pa.Table:
    ahead = sorted(pc.unique(customers["holdout_days"].drop_null()).to_pylist())
    if len(ahead) > 1:
        raise ValueError(f"holdout_days == {ahead}, must be one per window.")
    horizons = np.array(ahead or sorted(set(horizon_days)))
    # Equal histories are predicted once.
    known, place = _distinct(customers)
    found = _nothing((len(known.count), len(horizons)))
    if fit.orders.status == OK:
        found = predict(fit.method, fit.orders, known, horizons, fit.amounts)
    columns = _measures(customers, Predictions(*(part[place] for part in found)), fit)
    size = (len(customers), len(horizons))
    columns |= {
        "window_name": np.full(size, window, object),
        "customer_id": np.repeat(customers["customer_id"].to_numpy(), len(horizons)),
        "horizon_days": np.broadcast_to(horizons, size),
    } | {name: np.full(size, status, object) for name, status in fit.statuses.items()}
    return pa.table(
        {
            field.name: pa.array(
                columns[field.name].ravel(), field.type, from_pandas=True
            )
            for field in PREDICTIONS_SCHEMA
        },
        PREDICTIONS_SCHEMA,
    )


def _measures(
    customers: pa.Table, found: Predictions, fit: WindowFit
) -> dict[str, np.ndarray]:
    """Return the columns of numbers, (n, h) each, of n customers at h horizons."""
    size = found.orders.shape
    value, value_variance = np.full((2, len(customers)), np.nan)
    if fit.amounts.status == OK:
        value, value_variance = _order_values(customers, fit.amounts)
    value, value_variance = value[:, None], value_variance[:, None]
    columns = _with_bounds(
        "probability_alive",
        np.broadcast_to(found.alive[:, None], size),
        np.broadcast_to(found.alive_variance[:, None], size),
        around_probability,
    )
    columns |= _with_bounds(
        "expected_orders", found.orders, found.orders_variance, around_positive
    )
    # Fitted to different data, orders and amounts err independently.
    columns |= _with_bounds(
        "expected_revenue",
        found.orders * value,
        found.orders_variance + value_variance,
        around_positive,
    )
    columns |= _predicted(customers, found, fit.amounts)
    return columns | {"expected_order_value": np.broadcast_to(value, size)}


def _predicted(
    customers: pa.Table, found: Predictions, amounts: Fit
) -> dict[str, np.ndarray]:
    unit = np.full(len(customers), np.nan)
    if amounts.status == OK:
        frequency = customers["frequency"].to_numpy().astype(float)
        spent = np.where(frequency > 0, frequency * amounts_of(customers), 0.0)
        unit = amounts.parameters[2] + spent
    revenue = found.revenue_quantiles * unit[:, None, None]
    quantiles = np.concatenate([found.orders_quantiles, revenue], axis=2)
    return {name: quantiles[..., place] for place, name in enumerate(_PREDICTED)}


def predict(
    method: str,
    fit: Fit,
    histories: Histories,
    horizon_days: np.ndarray,
    amounts: Fit | None = None,
) -> Predictions:
    """Predict histories (n,) at horizons (h,) by a fit that succeeded.

    Without a fit of amounts that succeeded there are no quantiles of revenue.
    """
    model = METHODS[method]
    horizons = np.asarray(horizon_days) / DAYS_PER_WEEK
    pairs, place = np.unique(
        histories.frequency + 1j * histories.age, return_inverse=True
    )

    def alive_and_orders(parameters: np.ndarray) -> np.ndarray:
        alive = model.probability_alive(parameters, histories)
        if_alive = [
            model.expected_orders_if_alive(parameters, pairs.real, pairs.imag, weeks)
            for weeks in horizons
        ]
        return np.column_stack([alive, *(alive * each[place] for each in if_alive)])

    def transformed(parameters: np.ndarray) -> np.ndarray:
        found = alive_and_orders(parameters)
        with np.errstate(divide="ignore"):
            return np.column_stack([special.logit(found[:, 0]), np.log(found[:, 1:])])

    found = alive_and_orders(fit.parameters)
    variance = log_variance(transformed, fit)
    has_amounts = amounts is not None and amounts.status == OK
    quantiles = [
        future_quantiles(
            model,
            fit.parameters,
            histories,
            weeks,
            amounts.parameters if has_amounts else None,
            ((1 - PREDICTIVE_LEVEL) / 2, (1 + PREDICTIVE_LEVEL) / 2),
        )
        for weeks in horizons
    ]
    orders, revenue = (np.stack(each, axis=1) for each in zip(*quantiles, strict=True))
    return Predictions(
        found[:, 0], variance[:, 0], found[:, 1:], variance[:, 1:], orders, revenue
    )


def _nothing(size: tuple[int, int]) -> Predictions:
    nothing = np.full((*size, 2), np.nan)
    return Predictions(
        nothing[:, 0, 0],
        nothing[:, 0, 0],
        nothing[..., 0],
        nothing[..., 0],
        nothing,
        nothing,
    )


def _order_values(customers: pa.Table, fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Return what an order is expected to be worth, (n,), and its log's variance."""
    frequency = customers["frequency"].to_numpy().astype(float)
    amount = amounts_of(customers)

    def expected(parameters: np.ndarray) -> np.ndarray:
        return gamma_gamma.expected_order_value(parameters, frequency, amount)

    variance = log_variance(lambda place: np.log(expected(place)), fit)
    return expected(fit.parameters), variance


def _distinct(customers: pa.Table) -> tuple[Histories, np.ndarray]:
    """Return distinct histories and which of them each customer (n,) has."""
    columns = [
        customers[name].to_numpy().astype(np.int64)
        for name in ("frequency", "recency_days", "age_days")
    ]
    # One number each, which is faster to sort than three.
    width = max((int(column.max()) for column in columns), default=0) + 1
    keys = (columns[0] * width + columns[1]) * width + columns[2]
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    frequency, recency, age = (column[first].astype(float) for column in columns)
    return (
        Histories(
            frequency, recency / DAYS_PER_WEEK, age / DAYS_PER_WEEK, np.ones(len(first))
        ),
        place,
    )


def _with_bounds(
    name: str, value: np.ndarray, variance: np.ndarray, bounds
) -> dict[str, np.ndarray]:
    lower, upper = bounds(value, variance, INTERVAL_LEVEL)
    return {name: value, f"{name}_lower": lower, f"{name}_upper": upper}
