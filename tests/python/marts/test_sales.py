"""Sales and RFM measures of the sample, against pandas from the file up."""

from decimal import Decimal

import pandas as pd


def test_every_input_line_is_where_pandas_puts_it(warehouse, raw_lines):
    found = warehouse.execute(
        "select accepted_count, duplicate_count, quarantined_count"
        " from input_reconciliation where table_name = 'order_lines'"
    ).fetchone()
    expected = raw_lines["status"].value_counts()
    assert found == (
        expected["accepted"],
        expected["duplicate"],
        expected["quarantined"],
    )


def test_totals_are_those_of_the_file(warehouse, lines):
    is_refund = lines["is_cancelled"]
    gross = sum(lines.loc[~is_refund, "amount"])
    refund = sum(lines.loc[is_refund, "amount"])
    # Known once and for all, so that a change of both sides is noticed.
    assert (gross, refund) == (Decimal("774570.37"), Decimal("176159.53"))
    for table in ("daily_sales", "product_performance"):
        found = warehouse.execute(
            "select sum(gross_amount), sum(refund_amount), sum(net_amount)"
            f" from {table}"
        ).fetchone()
        assert found == (gross, refund, gross - refund)


def test_each_day_and_each_product_earn_what_the_file_says(warehouse, lines):
    for table, key in (
        ("daily_sales", "order_date"),
        ("product_performance", "product_id"),
    ):
        found = dict(
            warehouse.execute(f"select {key}, net_amount from {table}").fetchall()
        )
        expected = lines.groupby(key)["net"].sum().to_dict()
        assert {key: amount for key, amount in found.items() if amount} == {
            key: amount for key, amount in expected.items() if amount
        }


def test_rfm_measures_are_those_of_the_file(warehouse, lines, events):
    today = max(lines["ordered_at"].max(), events["occurred_at"].max()).date()
    known = lines[lines["customer_id"] != ""]
    orders = known.groupby("order_id").agg(
        customer_id=("customer_id", "first"),
        order_date=("order_date", "min"),
        is_cancellation=("is_cancelled", "all"),
    )
    placed = orders[~orders["is_cancellation"]].groupby("customer_id")
    expected = pd.DataFrame(
        {
            "recency_days": (
                pd.Timestamp(today) - pd.to_datetime(placed["order_date"].max())
            ).dt.days,
            "frequency": placed.size(),
        }
    )
    expected["monetary_amount"] = known.groupby("customer_id")["net"].sum()
    found = warehouse.execute(
        "select customer_id, recency_days, frequency, monetary_amount from customer_rfm"
    ).fetchall()
    assert sorted(found) == list(expected.sort_index().itertuples(name=None))
