"""The Python models of customers, where more are asked about than may come here.

Each model file runs on DuckDB and on Spark, on the same tables. On Spark fewer rows may
be collected than there are customers: what is learned from is less, the rest is
computed in parts, and the result is the same.
"""

import datetime as dt
import runpy
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import yaml

from mercato import engine
from mercato.propensity.examples import read_examples
from mercato.propensity.folds import METHODS
from mercato.propensity.online import learn_snapshots
from mercato.segmentation.rfm import FEATURES

FOLDER = Path(__file__).parents[3] / "python_models"
MAX_ROWS = 400
# What grows with the customers.
TABLES = (
    "feat_customer__rfm_scaled",
    "feat_snapshot_customer__features",
    "feat_window_customer__purchases",
    "feat_window_customer_purchase__gaps",
)
STAMPS = ("version_id", "fitted_at", "fit_seconds")


def run(session, as_relation, name, tables, **changed):
    """Run a model file as dbt does, with its own parameters but for some of them."""
    [path] = FOLDER.rglob(f"{name}.py")
    [described] = yaml.safe_load(path.with_suffix(".yml").read_text("utf-8"))["models"]
    parameters = described["config"]["meta"].get("parameters", {}) | changed
    version = {"model_name": name, "version_id": "a1", "parameters": "{}"}
    known = {"feat_model_versions": pa.Table.from_pylist([version])} | tables
    known["propensity_model_versions"] = known["feat_model_versions"]
    dbt = SimpleNamespace(
        this=SimpleNamespace(schema="main", identifier=name),
        config=SimpleNamespace(meta_get={"parameters": parameters}.get),
        ref=lambda table: as_relation(known[table]),
    )
    return runpy.run_path(str(path))["model"](dbt, session)


@pytest.fixture
def found(spark, at_most):
    """Give the way to run a model on DuckDB and on Spark; rows sorted by their keys."""

    def found(name, tables, *keys, **changed):
        with duckdb.connect() as session:
            relation = run(session, session.from_arrow, name, tables, **changed)
            small = engine.to_arrow(relation)
        with at_most(MAX_ROWS):
            frame = run(spark, spark.createDataFrame, name, tables, **changed)
        large = engine.to_arrow(frame)
        assert large.column_names == small.column_names
        order = [(key, "ascending") for key in keys]
        return [
            table.drop_columns(STAMPS).sort_by(order).to_pandas()
            for table in (small, large)
        ]

    return found


def assert_same(small, large):
    for name in small:
        if small[name].dtype == float:
            np.testing.assert_allclose(large[name], small[name], rtol=1e-9)
        else:
            assert large[name].tolist() == small[name].tolist(), name


def test_every_model_that_reads_what_grows_is_run_here():
    sources = {path.stem: path.read_text("utf-8") for path in FOLDER.rglob("*.py")}
    here = Path(__file__).read_text("utf-8")
    left_out = [
        name
        for name, source in sources.items()
        if any(f'"{table}"' in source for table in TABLES) and f'"{name}"' not in here
    ]
    assert left_out == []


def drawn_features(rng, date, count, is_open):
    recency = rng.integers(0, 200, count).astype(float)
    chance = 1 / (1 + np.exp(np.log1p(recency) - 3))
    bought = rng.random(count) < chance
    return pa.table(
        {
            "snapshot_date": pa.array([date] * count, pa.date32()),
            "customer_id": [f"c{number:04}" for number in range(count)],
            "sample_rank": np.arange(1, count + 1),
            "recency_days": recency,
            "net_amount": rng.lognormal(4, 1, count),
            "visit_count": pa.array(rng.poisson(2, count), mask=recency > 150),
            "has_purchased": pa.array(
                [None] * count if is_open else bought, pa.bool_()
            ),
        }
    )


@pytest.fixture(scope="module")
def snapshots():
    """Give customers of three days, of which the last is not over, and all methods."""
    rng, horizon = np.random.default_rng(1), dt.timedelta(days=28)
    dates = [dt.date(2024, 1, 4) + horizon * place for place in range(3)]
    closed = [drawn_features(rng, date, 100, is_open=False) for date in dates[:2]]
    asked = drawn_features(rng, dates[2], 2 * MAX_ROWS, is_open=True)
    fingerprints = pa.table(
        {
            "snapshot_date": pa.array(dates[:2], pa.date32()),
            "fingerprint": ["first", "second"],
        }
    )
    return {
        "propensity_champion": pa.table(
            {"method": METHODS, "is_confirmed": [True] * len(METHODS)}
        ),
        "feat_snapshot_customer__features": pa.concat_tables([*closed, asked]),
        "feat_snapshot__calendar": pa.table(
            {
                "snapshot_date": dates,
                "snapshot_role": ["validation", "test", "serving"],
                "horizon_end_date": [date + horizon for date in dates],
                "is_closed": [True, True, False],
            }
        ),
        "feat_snapshot__online_states": learn_snapshots(
            fingerprints,
            "code",
            None,
            lambda _: read_examples(pa.concat_tables(closed)),
        ),
    }


def test_propensities_of_every_method(found, snapshots):
    small, large = found("py_customer_propensity", snapshots, "method", "customer_id")
    assert set(small["method"]) == set(METHODS)
    assert len(small) == len(METHODS) * 2 * MAX_ROWS
    assert_same(small, large)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("py_propensity_coefficients", ("method", "feature_name")),
        ("py_propensity_predictions", ("snapshot_date", "method", "customer_id")),
    ],
)
def test_propensities_are_judged_on_what_is_over(found, snapshots, name, keys):
    assert_same(*found(name, snapshots, *keys))


def drawn_purchases(rng, window, count, copies, holdout_days):
    """Customers drawn as BG/NBD says, and as many again whose histories are theirs."""
    age = rng.integers(40, 400, count)
    rate, drop = rng.gamma(0.8, 1 / 40, count), rng.beta(0.7, 2.5, count)
    frequency, time, last = np.zeros((3, count))
    active = np.arange(count)
    while len(active):
        time[active] += rng.exponential(1 / rate[active])
        active = active[time[active] < age[active]]
        frequency[active] += 1
        last[active] = time[active]
        active = active[rng.random(len(active)) >= drop[active]]
    drawn = np.tile(np.arange(count), copies)
    amount = rng.gamma(3, 1 / rng.gamma(4, 1 / 60, len(drawn)))
    has_repeats = frequency[drawn] > 0
    return pa.table(
        {
            "window_name": [window] * len(drawn),
            "customer_id": [f"c{number:04}" for number in range(len(drawn))],
            "frequency": frequency[drawn].astype(int),
            "recency_days": np.ceil(last)[drawn].astype(int),
            "age_days": age[drawn],
            "monetary_amount": pa.array(amount, mask=~has_repeats),
            "is_predicted": [True] * len(drawn),
            "is_amount_learned": has_repeats & (np.arange(len(drawn)) < count),
            "holdout_days": pa.array([holdout_days] * len(drawn), pa.int64()),
        }
    )


@pytest.fixture(scope="module")
def purchases():
    """Give customers of two windows and how many have each history."""
    rng, half = np.random.default_rng(3), MAX_ROWS // 2
    customers = pa.concat_tables(
        [
            drawn_purchases(rng, "serving", half, 4, None),
            drawn_purchases(rng, "test", half, 4, 90),
        ]
    )
    keys = ["window_name", "frequency", "recency_days", "age_days"]
    counts = customers.group_by(keys).aggregate([("customer_id", "count")])
    counts = counts.rename_columns([*keys, "customer_count"])
    assert len(counts) <= MAX_ROWS
    return {
        "feat_window_customer__purchases": customers,
        "feat_window_history__customers": counts,
    }


@pytest.mark.parametrize(
    "name",
    ["py_customer_lifetime_value_bg_nbd", "py_customer_lifetime_value_pareto_nbd"],
)
def test_lifetime_values(found, purchases, name):
    keys = ("window_name", "customer_id", "horizon_days")
    small, large = found(name, purchases, *keys)
    assert len(small) == (3 + 1) * 2 * MAX_ROWS
    assert set(small["revenue_status"]) == {"ok"}
    assert_same(small, large)


def test_parameters_of_lifetime_value(found, purchases):
    keys = ("window_name", "method", "parameter_name")
    assert_same(*found("py_lifetime_value_parameters", purchases, *keys))


def test_next_orders(found):
    rng, count = np.random.default_rng(5), 3 * MAX_ROWS
    number = rng.integers(1, 6, count)
    is_last = np.arange(count) >= MAX_ROWS / 2
    gap = pa.array(rng.lognormal(3, 0.5, count), mask=number == 1)
    tables = {
        "feat_window_customer_purchase__gaps": pa.table(
            {
                "window_name": rng.choice(["serving", "test"], count),
                "customer_id": [f"c{number:04}" for number in range(count)],
                "purchase_number": number,
                "mean_gap_days": gap,
                "mean_amount": rng.lognormal(3, 0.5, count),
                "elapsed_days": rng.integers(0, 300, count),
                "next_gap_days": pa.array(rng.integers(1, 90, count), mask=is_last),
                "next_amount": pa.array(rng.lognormal(3, 0.5, count), mask=is_last),
            }
        )
    }
    small, large = found(
        "py_next_orders_regression", tables, "window_name", "customer_id"
    )
    assert len(small) == is_last.sum() > MAX_ROWS
    assert set(small["status"]) == {"ok"}
    assert_same(small, large)


def test_segments_hold_all_customers_and_are_fitted_to_some(found):
    """The sample differs from what DuckDB is fitted to: clear groups do not."""
    corners = np.array([[-1, 1, 1], [1, -1, -1], [-1, -1, -1], [1, 1, 1]], float)
    rng, size = np.random.default_rng(7), MAX_ROWS // 2
    points = np.repeat(corners, size, axis=0) + rng.normal(0, 0.1, (4 * size, 3))
    tables = {
        "feat_customer__rfm_scaled": pa.table(
            {"customer_id": [f"c{number:04}" for number in range(4 * size)]}
            | dict(zip(FEATURES, points.T, strict=True))
        ),
        "segment_archetypes": pa.table(
            {"segment_id": ["champions", "lost", "new", "at_risk"]}
            | dict(zip(FEATURES, corners.T, strict=True))
        ),
    }
    small, large = found(
        "py_segments_kmeans",
        tables,
        *("segment_count", "segment_id"),
        max_segments=4,
        max_fit_rows=MAX_ROWS // 2,
    )
    assert (large.groupby("segment_count")["customer_count"].sum() == 4 * size).all()
    small, large = (table[table["is_selected"]] for table in (small, large))
    assert large["customer_count"].tolist() == [size] * 4
    assert large["segment_id"].tolist() == small["segment_id"].tolist()
    np.testing.assert_allclose(large["inertia"], small["inertia"], rtol=0.05)
    for name in FEATURES:
        np.testing.assert_allclose(large[name], small[name], atol=0.05)
