"""What was known at a month end does not depend on what came later."""

import datetime

import duckdb
import pytest

CUTOFF = datetime.datetime(2011, 7, 1)
MODELS = ("customer_rfm_history", "rfm_migrations", "cohort_retention")
SELECTED = ("--select", *(f"+{model}" for model in MODELS))


@pytest.fixture(scope="module")
def shop(tiny_shop):
    """A shop where half of the orders have a line taken back weeks later."""
    rows = tiny_shop()
    lines = rows["order_lines"]
    for line in lines[::6]:
        ordered_at = datetime.datetime.fromisoformat(line["ordered_at"])
        returned_at = ordered_at + datetime.timedelta(days=45)
        if not line["is_cancelled"] and returned_at < datetime.datetime(2011, 12, 9):
            taken_back = {"is_cancelled": True, "ordered_at": str(returned_at)}
            lines.append(line | taken_back | {"line_number": len(lines)})
    return rows


@pytest.fixture(scope="module")
def everything(builder, shop, write_shop, tmp_path_factory):
    folder = tmp_path_factory.mktemp("everything")
    return builder.build(
        folder, *SELECTED, with_tests=True, input=str(write_shop(shop))
    )


@pytest.fixture(scope="module")
def until_then(builder, shop, write_shop, tmp_path_factory):
    """The same shop, as if each file ended with the last day before the cutoff."""
    rows = dict(shop)
    for table, time in (("order_lines", "ordered_at"), ("events", "occurred_at")):
        rows[table] = [row for row in rows[table] if row[time] < str(CUTOFF)]
    folder = tmp_path_factory.mktemp("until_then")
    return builder.build(
        folder,
        *SELECTED,
        with_tests=True,
        input=str(write_shop(rows)),
        as_of_date=str(CUTOFF.date() - datetime.timedelta(days=1)),
    )


@pytest.mark.parametrize("model", MODELS)
def test_later_orders_change_nothing(everything, until_then, model):
    month = "month_end_date"
    if model == "cohort_retention":
        month = "cohort_month + to_months(cast(month_number as int))"
    query = f"select * from {model} where {month} < ? order by all"
    then = answer(until_then, query, CUTOFF)
    assert answer(everything, query, CUTOFF) == then
    assert answer(until_then, f"select * from {model} order by all") == then
    assert len(answer(everything, f"select * from {model}")) > len(then) > 50


def answer(warehouse, query, *parameters):
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query, parameters).fetchall()


def test_a_shop_of_refunds_without_events(builder, write_shop, tmp_path):
    """Two customers; more came back from one than was ever bought, one line too early.

    Anna's seven units less of 3.50, which cost 1.25 each, bring -15.75 in January.
    """
    columns = ("order_id", "ordered_at", "customer_id", "product_id", "quantity")
    rows = [
        ("order", "2024-01-05", "anna", "tea", 2),
        ("too early", "2024-01-04", "anna", "tea", -9),
        ("return", "2024-02-05", "anna", "tea", -2),
        ("only a return", "2024-02-05", "taker", "tea", -2),
        ("last", "2024-03-31", "bert", "odd", 1),
    ]
    lines = [
        dict(zip(columns, row, strict=True))
        | {"unit_price": 3.5, "is_cancelled": row[-1] < 0}
        for row in rows
    ]
    products = [
        {"product_id": "tea", "unit_cost": 1.25, "category": "drinks"},
        {"product_id": "odd", "unit_cost": "", "category": ""},
    ]
    folder = write_shop({"order_lines": lines, "products": products})
    marts = (*SELECTED, "+funnel_results", "+path_transitions")
    warehouse = builder.build(tmp_path, *marts, with_tests=True, input=str(folder))
    cohorts = answer(
        warehouse,
        """
        select
            cohort_value, month_number, active_customer_count,
            cast(cumulative_net_amount as double), cast(margin_amount as double)
        from cohort_retention where cohort_dimension = 'first_category' order by all
        """,
    )
    assert cohorts == [
        ("drinks", 0, 1, -24.5, -15.75),
        ("drinks", 1, 0, -31.5, -4.5),
        ("drinks", 2, 0, -31.5, None),
        ("unknown", 0, 1, 3.5, None),
    ]
    totals = (
        "select customer_id, monetary_amount from customer_rfm_history order by all"
    )
    assert [(name, float(total)) for name, total in answer(warehouse, totals)] == [
        ("anna", -31.5),
        ("anna", -31.5),
        ("anna", -24.5),
        ("bert", 3.5),
    ]
    assert answer(warehouse, "select count(*) from path_transitions") == [(0,)]
    funnels = "select distinct funnel_id, entered_count from funnel_results"
    assert answer(warehouse, funnels) == [("second_order", 2)]
