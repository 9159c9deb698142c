"""The script of customer analytics ends, and its cohorts are those of mercato."""

import argparse
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from benchmarks import customer_script, customers
from benchmarks.baseline_pandas import clean
from benchmarks.generate import generate
from benchmarks.measure import Measured
from benchmarks.warehouse import Build, Node

SCALE = 0.02


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    generate(folder, SCALE)
    return folder


def test_cohorts_agree(builder, shop, tmp_path):
    select = ("--select", "+cohort_retention")
    file = builder.build(tmp_path, *select, input=str(shop))
    with duckdb.connect(str(file), read_only=True) as connection:
        built = connection.sql(
            """
            select
                strftime(cohort_month, '%Y-%m') as cohort_month,
                month_number,
                active_customer_count,
                retention_rate
            from cohort_retention
            where cohort_dimension = 'all' and active_customer_count > 0
            """
        ).df()
    scripted = customer_script.cohorts(customer_script.sold_orders(clean(shop)))

    keys = ["cohort_month", "month_number"]
    columns = [*keys, "active_customer_count", "retention_rate"]
    # A month that is not over yet is no row of the mart.
    both = built.merge(scripted[columns], on=keys, suffixes=("", "_scripted"))
    assert len(both) == len(built) > 100
    for column in ("active_customer_count", "retention_rate"):
        pd.testing.assert_series_equal(
            both[column], both[f"{column}_scripted"], check_names=False
        )


def test_models_count_for_the_step_that_names_them():
    nodes = [
        Node("raw_events", "input", 0, 1, 5),
        Node("customer_rfm", "marts", 1, 3, 7),
        Node("feat_customer__rfm", "features", 3, 6, 6),
        Node("anything_else", "marts", 6, 10, None),
    ]
    built = Build(Measured(10, 10, 7, "ok", ()), nodes)

    steps = customers.steps_of(built)

    assert steps["cleaning"] == {"seconds": 1, "peak_bytes": 5}
    assert steps["RFM"] == {"seconds": 5, "peak_bytes": 7}
    assert steps["the rest"] == {"seconds": 4, "peak_bytes": 0}


def test_a_report_tells_each_step_of_each_run(shop, tmp_path):
    pytest.importorskip("lifetimes", reason="lifetimes is not installed")
    (tmp_path / f"x{SCALE:g}").mkdir()
    (tmp_path / f"x{SCALE:g}" / "input").symlink_to(shop)
    (shop / ".complete").touch()
    options = argparse.Namespace(
        only=[customers.SCRIPT], cache=tmp_path, threads=1, gib=8, minutes=5
    )

    result = customers.measure(SCALE, options)

    assert result["runs"]["script"]["ended"] == "ok"
    steps = result["runs"]["script"]["steps"]
    assert set(steps) == set(customers.STEPS)
    assert "| lifetime value |" in customers.as_markdown(result)
