"""Cohorts and RFM scores over time, against pandas from the files up."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SEEDS = Path(__file__).parents[3] / "seeds"
QUINTILES = [0.2, 0.4, 0.6, 0.8]
MONTHS = pd.period_range("2009-12", "2011-11", freq="M")


@pytest.fixture(scope="module")
def known(lines):
    """The lines of known customers, with the month of each."""
    rows = lines[lines["customer_id"] != ""].copy()
    rows["month"] = pd.to_datetime(rows["order_date"]).dt.to_period("M")
    return rows


@pytest.fixture(scope="module")
def placed(known):
    """One row per order that is not a cancellation: whose, and its day and time."""
    sold = known[~known["is_cancelled"]]
    orders = sold.groupby("order_id").agg(
        customer_id=("customer_id", "first"),
        ordered_at=("ordered_at", "min"),
        order_date=("order_date", "min"),
        month=("month", "min"),
    )
    return orders.sort_values(["ordered_at", "order_id"]).reset_index()


@pytest.fixture(scope="module")
def values(placed, events):
    """The value of each customer in each dimension, as the files have it."""
    countries = pd.read_csv(
        SEEDS / "sample" / "customers.csv", dtype=str, keep_default_na=False
    ).set_index("customer_id")["country"]
    first = placed.drop_duplicates("customer_id").set_index("customer_id")
    devices = events[["anonymous_id", "customer_id"]]
    devices = devices[(devices != "").all(axis=1)].drop_duplicates()
    owners = devices[~devices["anonymous_id"].duplicated(keep=False)]
    owner = events["anonymous_id"].map(owners.set_index("anonymous_id")["customer_id"])
    visits = events.assign(
        customer=events["customer_id"].where(events["customer_id"] != "", owner)
    ).sort_values(["occurred_at", "event_id"])
    visits = visits.drop_duplicates("customer").set_index("customer")
    visits = visits.reindex(first.index)
    is_before = visits["occurred_at"] <= first["ordered_at"]
    return pd.DataFrame(
        {
            "all": "all",
            "country": countries.reindex(first.index).replace("", None),
            "first_category": "unknown",
            "first_channel": visits["channel"].where(is_before).replace("", None),
            "cohort_month": first["month"],
        }
    ).fillna("unknown")


@pytest.mark.parametrize(
    "dimension", ["all", "country", "first_category", "first_channel"]
)
def test_retention_is_that_of_pandas(warehouse, known, placed, values, dimension):
    found = warehouse.execute(
        """
        select
            cohort_value, cohort_month, month_number, customer_count,
            active_customer_count, order_count, net_amount, retention_rate,
            cumulative_net_amount_per_customer
        from cohort_retention where cohort_dimension = ?
        order by cohort_value, cohort_month, month_number
        """,
        [dimension],
    ).fetchall()
    key = [values[dimension].rename("value"), values["cohort_month"]]
    sizes = values.groupby(key).size()
    expected = []
    for (value, cohort), size in sizes.items():
        members = values.index[(key[0] == value) & (key[1] == cohort)]
        total = Decimal(0)
        ordered = placed[placed["customer_id"].isin(members)]
        moved = known[known["customer_id"].isin(members)]
        for number, month in enumerate(MONTHS[cohort <= MONTHS]):
            orders = ordered[ordered["month"] == month]
            active = orders["customer_id"].nunique()
            net = sum(moved.loc[moved["month"] == month, "net"], Decimal(0))
            total += net
            row = (value, cohort.start_time.date(), number, size, active, len(orders))
            expected.append((*row, net, active / size, float(total) / size))
    assert [row[:-2] for row in found] == [row[:-2] for row in expected]
    np.testing.assert_allclose(
        [row[-2:] for row in found], [row[-2:] for row in expected], rtol=1e-12
    )


def test_every_channel_that_brought_customers_is_a_cohort(warehouse):
    found = warehouse.execute(
        "select distinct cohort_value from cohort_retention"
        " where cohort_dimension = 'first_channel'"
    ).fetchall()
    assert len(found) > 3


def test_scores_are_those_of_the_orders_until_then(warehouse, known, placed):
    for month in (MONTHS[0], MONTHS[11], MONTHS[23]):
        end = month.end_time.date()
        orders = placed[placed["order_date"] <= end].groupby("customer_id")
        expected = pd.DataFrame(
            {
                "recency": (
                    pd.Timestamp(end) - pd.to_datetime(orders["order_date"].max())
                ).dt.days,
                "frequency": orders.size(),
            }
        )
        spent = known[known["order_date"] <= end].groupby("customer_id")["net"].sum()
        expected["monetary"] = spent.reindex(expected.index)
        for measure, sign in (("recency", -1), ("frequency", 1), ("monetary", 1)):
            numbers = expected[measure].astype(float)
            rank = np.searchsorted(np.quantile(numbers, QUINTILES), numbers)
            expected[f"{measure}_score"] = 1 + rank if sign > 0 else 5 - rank
        found = warehouse.execute(
            """
            select
                customer_id, recency_days, frequency, monetary_amount,
                recency_score, frequency_score, monetary_score
            from customer_rfm_history where month_end_date = ?
            """,
            [end],
        ).fetchall()
        assert sorted(found) == list(expected.sort_index().itertuples(name=None))


def test_each_segment_is_that_of_its_scores(warehouse):
    boxes = pd.read_csv(SEEDS / "reference" / "rfm_segments.csv")
    for table in ("customer_rfm", "customer_rfm_history"):
        found = warehouse.execute(
            "select distinct recency_score, frequency_score, monetary_score,"
            f" rfm_segment from {table}"
        ).fetchall()
        for *scores, segment in found:
            is_in = np.ones(len(boxes), dtype=bool)
            for name, score in zip(
                ("recency", "frequency", "monetary"), scores, strict=True
            ):
                is_in &= boxes[f"minimum_{name}_score"] <= score
                is_in &= boxes[f"maximum_{name}_score"] >= score
            assert boxes.loc[is_in, "rfm_segment"].tolist() == [segment]


def test_migrations_are_those_of_pandas(warehouse):
    history = warehouse.execute(
        "select customer_id, month_end_date, rfm_segment from customer_rfm_history"
    ).fetchall()
    table = pd.DataFrame(history, columns=["customer", "month", "segment"])
    wide = table.pivot(index="customer", columns="month", values="segment")
    expected = {}
    before = wide.shift(axis="columns").fillna("Not yet a customer")
    for month in wide.columns:
        pairs = pd.DataFrame({"from": before[month], "to": wide[month]}).dropna()
        for (source, target), count in pairs.value_counts().items():
            expected[month, source, target] = count
    found = warehouse.execute(
        "select month_end_date, from_rfm_segment, to_rfm_segment, customer_count"
        " from rfm_migrations"
    ).fetchall()
    assert {row[:3]: row[3] for row in found} == expected
