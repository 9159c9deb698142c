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
