"""Histories, errors and what is served, against pandas, scipy and the library."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

TARGETS = {"orders": "order_count", "revenue": "net_amount"}


@pytest.fixture(scope="module")
def windows(warehouse):
    return warehouse.sql("select * from feat_window__splits").df()


@pytest.fixture(scope="module")
def errors(warehouse):
    return warehouse.sql("select * from lifetime_value_errors").df()


@pytest.fixture(scope="module")
def metrics(warehouse):
    table = warehouse.sql("select * from lifetime_value_metrics").df()
    return table.set_index(["window_name", "method", "target"])


def purchases_until(warehouse, moment):
    """Days with a purchase worth something, as known at a moment."""
    lines = warehouse.sql(
        "select * from order_lines where customer_id is not null"
    ).df()
    matched = warehouse.sql(
        "select order_line_id, cancelled_order_line_id from order_line_cancellations"
    ).df()
    lines = lines[pd.to_datetime(lines["order_date"]) < moment]
    lines["purchased"] = lines["order_date"]
    days = lines.set_index("order_line_id")["order_date"]
    sale = matched.set_index("order_line_id")["cancelled_order_line_id"]
    is_refund = lines["is_cancellation"]
    sold = lines.loc[is_refund, "order_line_id"].map(sale)
    lines.loc[is_refund, "purchased"] = sold.map(days)
    lines = lines.dropna(subset="purchased")
    totals = lines.groupby(["customer_id", "purchased"])["net_amount"].sum()
    totals = totals.astype(float)
    return totals[totals.round(2) > 0].reset_index()


@pytest.mark.parametrize("window", ["validation", "test", "serving"])
def test_histories_are_those_of_pandas(warehouse, windows, window):
    [until] = windows.loc[windows["window_name"] == window, "train_until"]
    bought = purchases_until(warehouse, until)
    bought["purchased"] = pd.to_datetime(bought["purchased"])
    by_customer = bought.groupby("customer_id")
    first = by_customer["purchased"].transform("min")
    repeated = bought[bought["purchased"] > first].groupby("customer_id")
    expected = pd.DataFrame(
        {
            "frequency": by_customer.size() - 1,
            "recency_days": (
                by_customer["purchased"].max() - by_customer["purchased"].min()
            ).dt.days,
            "age_days": (
                until - pd.Timedelta(days=1) - by_customer["purchased"].min()
            ).dt.days,
            "monetary_amount": repeated["net_amount"].mean(),
        }
    ).sort_index()
    found = (
        warehouse.execute(
            "select * from feat_window_customer__purchases where window_name = ?",
            [window],
        )
        .df()
        .set_index("customer_id")
        .sort_index()[expected.columns.to_list()]
    )
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_metrics_are_those_of_scipy(errors, metrics):
    for key, rows in errors.groupby(["window_name", "method", "target"]):
        found, off = metrics.loc[key], rows["expected"] - rows["actual"]
        assert found["customer_count"] == len(rows)
        assert found["mean_absolute_error"] == pytest.approx(off.abs().mean())
        assert found["root_mean_squared_error"] == pytest.approx((off**2).mean() ** 0.5)
        rank = stats.spearmanr(rows["expected"], rows["actual"]).statistic
        assert found["rank_correlation"] == pytest.approx(rank, abs=1e-6)
        bias = rows["expected"].sum() / rows["actual"].sum() - 1
        assert found["total_bias"] == pytest.approx(bias, abs=1e-6)


def test_gains_are_paired_intervals(errors, metrics):
    for (window, target), rows in errors.groupby(["window_name", "target"]):
        squares = rows.assign(square=rows["error"] ** 2).pivot(
            index="customer_id", columns="method", values="square"
        )
        for method in squares:
            found = metrics.loc[window, method, target]
            gain = squares[found["baseline_method"]] - squares[method]
            lower = gain.mean() - 1.959964 * stats.sem(gain)
            assert found["squared_error_gain"] == pytest.approx(gain.mean())
            assert found["squared_error_gain_lower"] == pytest.approx(lower)


def test_tenths_hold_everybody_once(warehouse, metrics):
    counts = (
        warehouse.sql(
            "select window_name, method, target, sum(customer_count) as customer_count"
            " from lifetime_value_calibration group by all"
        )
        .df()
        .set_index(["window_name", "method", "target"])["customer_count"]
    )
    assert (counts.sort_index() == metrics["customer_count"].sort_index()).all()


def test_what_happened_is_what_was_held_out(warehouse, errors):
    later = warehouse.sql("select * from feat_window_customer__later_purchases").df()
    for target, column in TARGETS.items():
        one = errors[errors["target"] == target].groupby("window_name")["method"]
        methods = one.nunique()
        came = errors[errors["target"] == target].groupby("window_name")["actual"].sum()
        real = later.groupby("window_name")[column].sum().astype(float)
        np.testing.assert_allclose(came / methods, real)


def test_a_model_is_served_only_if_it_beats_the_baseline(warehouse, metrics):
    [(served, status)] = warehouse.sql(
        "select distinct method, status from customer_lifetime_value"
    ).fetchall()
    [baseline] = set(metrics["baseline_method"])
    errors_of = metrics.xs("orders", level="target")["root_mean_squared_error"]
    validation = errors_of["validation"][["cohort_mean", "last_period"]]
    assert baseline == validation.idxmin()
    if status == "baseline":
        assert served == baseline
    else:
        lower = metrics.loc[
            ("validation", served, "orders"), "squared_error_gain_lower"
        ]
        assert lower > 0
        for target in TARGETS:
            error = metrics.loc["test"]["root_mean_squared_error"].xs(
                target, level="target"
            )
            assert error[served] <= error[baseline]
    assert metrics["is_served"].groupby("method").all()[served]
