"""Shops in which nothing tells customers apart, and customers who are odd."""

import datetime

import duckdb
import pytest

MARTS = (
    *("cohort_retention", "customer_lifetime_value", "customer_next_order"),
    *("customer_rfm", "customer_segments", "lifetime_value_metrics"),
    *("next_order_metrics", "quarantined_rows"),
)
SELECTED = ("--select", *(f"+{mart}" for mart in MARTS))
FIRST_DAY = datetime.date(2023, 1, 5)
COLUMNS = ("order_id", "ordered_at", "customer_id", "quantity", "is_cancelled")


def order(number, days, customer, quantity=2):
    day = FIRST_DAY + datetime.timedelta(days=days)
    row = (number, str(day), customer, quantity, quantity < 0)
    shared = {"product_id": "tea", "unit_price": 3.5}
    return dict(zip(COLUMNS, row, strict=True)) | shared


@pytest.fixture(scope="module")
def ask(builder, write_shop, tmp_path_factory):
    """Give the way to build a shop of these order lines, and to ask it."""

    def built(lines, **variables):
        warehouse = builder.build(
            tmp_path_factory.mktemp("equal"),
            *SELECTED,
            with_tests=True,
            input=str(write_shop({"order_lines": lines})),
            **variables,
        )

        def answer(sql):
            with duckdb.connect(str(warehouse), read_only=True) as connection:
                return connection.sql(sql).fetchall()

        return answer

    return built


@pytest.fixture(scope="module")
def equals(ask):
    """Twelve customers who bought the same on the same four days."""
    lines = [
        order(f"{customer}-{days}", days, f"c{customer:02}")
        for customer in range(12)
        for days in (0, 100, 200, 300)
    ]
    last_day = FIRST_DAY + datetime.timedelta(days=350)
    return ask(lines, as_of_date=str(last_day))


@pytest.fixture(scope="module")
def oddities(ask):
    """One order each, the latest first; of them one is sent back, one is to come."""
    lines = [order(f"o{number}", number, f"c{number}") for number in range(9)][::-1]
    lines += [
        order("returned", 20, "returner"),
        order("return", 21, "returner", quantity=-2),
        order("more than bought", 22, "taker"),
        order("all of it", 23, "taker", quantity=-9),
        order("to come", 400, "dreamer"),
    ]
    last_day = FIRST_DAY + datetime.timedelta(days=30)
    return ask(lines, as_of_date=str(last_day))


def test_equal_customers_are_one_cohort_that_returns_together(equals):
    rates = equals(
        """
        select cohort_month, month_number, retention_rate from cohort_retention
        where cohort_dimension = 'all' and retention_rate > 0 order by month_number
        """
    )
    assert [row[1:] for row in rates] == [(0, 1), (3, 1), (6, 1), (10, 1)]
    assert {str(row[0]) for row in rates} == {"2023-01-01"}


def test_equal_customers_are_expected_on_one_day_for_one_amount(equals):
    found = equals(
        """
        select distinct
            expected_order_date::string, expected_order_date_lower::string,
            expected_order_date_upper::string, expected_order_amount,
            expected_order_amount_lower, expected_order_amount_upper
        from customer_next_order
        """
    )
    assert found == [("2024-02-09",) * 3 + (7,) * 3]
    # What errs as little as the baseline does not replace it.
    assert equals(
        "select distinct method, mean_absolute_error from next_order_metrics"
        " where is_served"
    ) == [("averages", 0)]


def test_equal_customers_have_equal_scores_segments_and_values(equals):
    for columns, table in (
        ("rfm_cell, rfm_segment", "customer_rfm"),
        ("segment_id", "customer_segments"),
        ("expected_orders_90d, expected_revenue_90d", "customer_lifetime_value"),
    ):
        assert len(equals(f"select distinct {columns} from {table}")) == 1, table
        assert equals(f"select count(*) from {table}") == [(12,)]


def test_one_order_each_says_nothing_of_the_next(oddities):
    found = oddities(
        """
        select distinct date_method, expected_order_date, expected_order_amount
        from customer_next_order
        """
    )
    assert found == [("averages", None, None)]
    assert oddities("select count(*) from next_order_metrics") == [(0,)]
    # No day is held out that somebody was known before.
    assert oddities("select distinct status from customer_lifetime_value") == [
        ("baseline",)
    ]


def test_the_order_of_lines_does_not_matter(oddities):
    found = oddities(
        """
        select recency_days from customer_rfm where customer_id like 'c%'
        order by customer_id
        """
    )
    assert [days for (days,) in found] == list(range(30, 21, -1))


def test_what_was_sent_back_is_no_purchase_but_an_order(oddities):
    found = oddities(
        """
        select customer_id, monetary_amount from customer_rfm
        where customer_id in ('returner', 'taker') order by customer_id
        """
    )
    assert [(name, float(amount)) for name, amount in found] == [
        ("returner", 0),
        ("taker", -24.5),
    ]
    named = {
        name for (name,) in oddities("select customer_id from customer_next_order")
    }
    assert "returner" not in named


def test_orders_to_come_are_quarantined(oddities):
    [(table, reasons)] = oddities(
        "select table_name, rejection_reasons::string from quarantined_rows"
    )
    assert table == "order_lines"
    assert reasons == "ordered_at_after_as_of_date"
    assert oddities(
        "select count(*) from customer_next_order where customer_id = 'dreamer'"
    ) == [(0,)]
