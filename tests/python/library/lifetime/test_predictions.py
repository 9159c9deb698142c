import numpy as np
import pyarrow as pa
import pytest

from mercato.lifetime import gamma_gamma
from mercato.lifetime.customers import fit_amounts
from mercato.lifetime.histories import histories, read_histories
from mercato.lifetime.parameters import PARAMETERS_SCHEMA, fitted_parameters
from mercato.lifetime.predictions import (
    PREDICTIONS_SCHEMA,
    customer_predictions,
    predict,
)
from mercato.lifetime.windows import METHODS, fitted_windows

HORIZONS = [30, 90, 365]

methods = pytest.mark.parametrize("method", METHODS)


def predicted(tables, method="bg_nbd", horizon_days=HORIZONS):
    counts, customers = tables
    fits = fitted_windows(counts, customers, method=method)
    return customer_predictions(fits, customers, horizon_days=horizon_days)


def in_order(table):
    keys = ("window_name", "customer_id", "horizon_days")
    return table.sort_by([(name, "ascending") for name in keys])


@methods
def test_rows_say_what_the_models_say(method, shop):
    counts, customers = shop()
    table = predicted((counts, customers), method)
    assert table.schema == PREDICTIONS_SCHEMA
    assert len(table) == len(customers) * 3
    assert set(table["orders_status"].to_pylist()) == {"ok"}
    assert set(table["revenue_status"].to_pylist()) == {"ok"}
    fit, amounts = METHODS[method].fit(read_histories(counts)), fit_amounts(customers)
    rows = {(row["customer_id"], row["horizon_days"]): row for row in table.to_pylist()}
    for customer in customers.to_pylist()[:20]:
        x, t, age = (
            float(customer[name]) for name in ("frequency", "recency_days", "age_days")
        )
        row = rows[customer["customer_id"], 90]
        [alive] = METHODS[method].probability_alive(
            fit.parameters, histories([x], [t / 7], [age / 7])
        )
        [if_alive] = METHODS[method].expected_orders_if_alive(
            fit.parameters, np.array([x]), np.array([age / 7]), 90 / 7
        )
        [value] = gamma_gamma.expected_order_value(
            amounts.parameters,
            np.array([x]),
            np.array([customer["monetary_amount"] or np.nan]),
        )
        assert row["probability_alive"] == pytest.approx(alive, rel=1e-12)
        assert row["expected_orders"] == pytest.approx(alive * if_alive, rel=1e-12)
        assert row["expected_revenue"] == pytest.approx(alive * if_alive * value)


@methods
def test_bounds_hold_what_they_bound_and_orders_grow_with_the_horizon(method, shop):
    table = predicted(shop(), method)
    columns = {name: table[name].to_numpy() for name in table.column_names}
    for name in ("probability_alive", "expected_orders", "expected_revenue"):
        assert (columns[f"{name}_lower"] <= columns[name]).all()
        assert (columns[name] <= columns[f"{name}_upper"]).all()
    orders = columns["expected_orders"].reshape(-1, 3)
    assert (np.diff(orders, axis=1) > 0).all()


@methods
def test_order_of_rows_does_not_matter(method, shop):
    counts, customers = shop(200)
    rng = np.random.default_rng(0)
    shuffled = [
        table.take(pa.array(rng.permutation(len(table))))
        for table in (counts, customers)
    ]
    expected = in_order(predicted((counts, customers), method))
    assert in_order(predicted(shuffled, method)).equals(expected)


@methods
def test_parts_join_without_a_seam(method, shop):
    counts, customers = shop(200)
    fits = fitted_windows(counts, customers, method=method)
    parts = [
        customer_predictions(fits, customers.slice(start, 33), horizon_days=HORIZONS)
        for start in range(0, 200, 33)
    ]
    assert pa.concat_tables(parts).equals(predicted((counts, customers), method))


def test_windows_are_fitted_apart_and_held_out_days_are_their_horizon(shop):
    past, now = shop(window="test", holdout_days=90, seed=8), shop()
    both = [pa.concat_tables(tables) for tables in zip(past, now, strict=True)]
    table = predicted(both)
    assert table.slice(0, 1200).equals(predicted(now))
    of_test = table.slice(1200)
    assert set(of_test["window_name"].to_pylist()) == {"test"}
    assert set(of_test["horizon_days"].to_pylist()) == {90}
    assert of_test["expected_orders"].equals(
        predicted(past, horizon_days=[1])["expected_orders"]
    )


def test_who_is_not_learned_from_still_is_predicted(shop):
    counts, customers = shop()
    fits = fitted_windows(counts, customers.slice(0, 300), method="bg_nbd")
    assert fits["serving"].amounts.parameters.tolist() == (
        fit_amounts(customers.slice(0, 300)).parameters.tolist()
    )
    table = customer_predictions(fits, customers, horizon_days=[90])
    assert table["expected_revenue"].null_count == 0


@methods
def test_bounds_cover_the_truth(method, drawn):
    truth = {"bg_nbd": [0.8, 6.0, 0.7, 2.5], "pareto_nbd": [0.8, 6.0, 0.9, 15.0]}[
        method
    ]
    truth, model = np.array(truth), METHODS[method]
    known = histories([0, 1, 6], [0, 12, 25], [30, 40, 30])
    alive = model.probability_alive(truth, known)
    orders = alive * model.expected_orders_if_alive(
        truth, known.frequency, known.age, 90 / 7
    )
    covered = []
    for seed in range(60):
        fit = model.fit(drawn(method, truth, 800, seed))
        if fit.status != "ok":
            continue
        found = predict(method, fit, known, np.array([90]))
        off = np.log(found.orders[:, 0] / orders) / np.sqrt(found.orders_variance[:, 0])
        covered.append(np.abs(off) < 1.96)
    assert len(covered) > 55
    # 95 % less 2.5 binomial errors of 60 draws.
    assert (np.mean(covered, axis=0) > 0.88).all()


@methods
@pytest.mark.filterwarnings("error")
def test_customers_without_repeat_purchases_get_a_status_and_no_numbers(method, shop):
    counts, customers = shop(30)
    alone = customers.filter(pa.array(customers["frequency"].to_numpy() == 0))
    none = counts.filter(pa.array(counts["frequency"].to_numpy() == 0))
    table = predicted((none, alone), method)
    assert len(table) == 3 * len(alone)
    assert set(table["orders_status"].to_pylist()) == {"no repeat purchases"}
    assert set(table["revenue_status"].to_pylist()) == {"no repeat purchases"}
    assert table["expected_orders"].null_count == len(table)
    assert table["expected_revenue_upper"].null_count == len(table)


@methods
@pytest.mark.filterwarnings("error")
def test_amounts_that_do_not_vary_leave_orders_predicted(method, shop):
    counts, customers = shop()
    same = np.where(customers["frequency"].to_numpy() > 0, 25.0, np.nan)
    place = customers.column_names.index("monetary_amount")
    customers = customers.set_column(
        place, "monetary_amount", pa.array(same, from_pandas=True)
    )
    table = predicted((counts, customers), method)
    assert set(table["orders_status"].to_pylist()) == {"ok"}
    assert "ok" not in table["revenue_status"].to_pylist()
    assert table["expected_orders"].null_count == 0
    assert table["expected_revenue"].null_count == len(table)


@methods
def test_no_customers_give_no_rows(method, shop):
    counts, customers = shop(5)
    table = predicted((counts.slice(0, 0), customers.slice(0, 0)), method)
    assert table.equals(PREDICTIONS_SCHEMA.empty_table())
    assert len(fitted_parameters(counts.slice(0, 0), customers.slice(0, 0))) == 0


def test_unknown_arguments_are_refused(shop):
    with pytest.raises(ValueError, match="method == 'poisson', must be one of"):
        predicted(shop(5), "poisson")
    with pytest.raises(ValueError, match=r"horizon_days == 0, must be >= 1."):
        predicted(shop(5), horizon_days=[0])
    two = [
        pa.concat_tables(tables)
        for tables in zip(
            shop(50, holdout_days=9), shop(50, holdout_days=8), strict=True
        )
    ]
    with pytest.raises(ValueError, match=r"holdout_days == \[8, 9\], must be one"):
        predicted(two)


def test_parameters_are_listed_with_their_bounds(shop):
    counts, customers = shop()
    table = fitted_parameters(counts, customers)
    assert table.schema == PARAMETERS_SCHEMA
    names = list(
        zip(
            table["method"].to_pylist(),
            table["parameter_name"].to_pylist(),
            strict=True,
        )
    )
    assert names == [
        *(("bg_nbd", name) for name in ("r", "alpha", "a", "b")),
        *(("gamma_gamma", name) for name in ("p", "q", "v")),
        *(("pareto_nbd", name) for name in ("r", "alpha", "s", "beta")),
    ]
    fit = METHODS["bg_nbd"].fit(read_histories(counts))
    first = table.to_pylist()[0]
    assert first["parameter_value"] == fit.parameters[0]
    assert first["standard_error"] == fit.standard_errors[0]
    factor = np.exp(1.959964 * fit.standard_errors[0] / fit.parameters[0])
    assert first["parameter_upper"] == pytest.approx(fit.parameters[0] * factor)
    assert first["customer_count"] == 400
    assert first["frequency_value_correlation"] is None
    amounts = table.to_pylist()[4]
    assert amounts["customer_count"] == np.sum(customers["frequency"].to_numpy() > 0)
    assert abs(amounts["frequency_value_correlation"]) < 0.3


@pytest.mark.filterwarnings("error")
def test_parameters_that_were_not_found_are_null_with_a_status(shop):
    counts, customers = shop(1)
    table = fitted_parameters(counts, customers)
    assert "ok" not in table["status"].to_pylist()
    assert table["parameter_value"].null_count == len(table) == 11
