"""Features are of their own time, states are learned once, and any shop builds."""

import datetime
import shutil

import duckdb
import pytest

STATES = ("--select", "+feat_snapshot__online_states")
PROPENSITY = ("--select", "+customer_propensity", "+propensity_metrics")
# On the grid of 28 days, which counts from 1970-01-01.
CUTOFF = datetime.date(2011, 9, 15)


def answer(warehouse, query, *parameters):
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query, parameters).fetchall()


def returned_later(lines):
    """Every sixth line is taken back weeks later."""
    for line in lines[::6]:
        ordered_at = datetime.datetime.fromisoformat(line["ordered_at"])
        returned_at = ordered_at + datetime.timedelta(days=45)
        if not line["is_cancelled"] and returned_at < datetime.datetime(2011, 12, 9):
            taken_back = {"is_cancelled": True, "ordered_at": str(returned_at)}
            lines.append(line | taken_back | {"line_number": len(lines)})


@pytest.fixture(scope="module")
def shop(tiny_shop):
    """A shop of late refunds where many visitors say late, or twice, who they are."""
    made = tiny_shop()
    rows = {table: made[table] for table in ("order_lines", "products", "events")}
    returned_later(rows["order_lines"])
    for number, event in enumerate(
        sorted(rows["events"], key=lambda row: row["event_id"])
    ):
        customer = event["customer_id"]
        event["anonymous_id"] = f"device of {customer}"
        if number % 3:
            event["customer_id"] = ""
        if number % 20 == 0:
            event["anonymous_id"] = "device in the shop"
    return rows


def shop_until(shop, date):
    """The shop as if each file ended with that day."""
    rows, end = dict(shop), str(date + datetime.timedelta(days=1))
    for table, time in (("order_lines", "ordered_at"), ("events", "occurred_at")):
        rows[table] = [row for row in rows[table] if row[time] < end]
    return rows


@pytest.fixture(scope="module")
def everything(builder, shop, write_shop, tmp_path_factory):
    folder = tmp_path_factory.mktemp("everything")
    return builder.build(folder, *STATES, with_tests=True, input=str(write_shop(shop)))


@pytest.fixture(scope="module")
def until_then(builder, shop, write_shop, tmp_path_factory):
    """What the shop's warehouse was at the end of that day."""
    folder = tmp_path_factory.mktemp("until_then")
    path = str(write_shop(shop_until(shop, CUTOFF)))
    return builder.build(folder, *STATES, input=path, as_of_date=str(CUTOFF))


def test_what_comes_later_changes_no_feature(everything, until_then):
    query = """
        select * exclude (has_purchased) from feat_snapshot_customer__features
        where snapshot_date <= ? order by all
    """
    before = answer(until_then, query, CUTOFF)
    assert answer(everything, query, CUTOFF) == before
    assert len(before) > 100
    visits = (
        "select count(*) from feat_snapshot_customer__features where view_count_30d > 0"
    )
    assert answer(until_then, visits)[0][0] > 5


def test_what_comes_later_changes_no_answer(everything, until_then):
    query = """
        select snapshot_date, customer_id, has_purchased
        from feat_snapshot_customer__features
        where snapshot_date <= ? and has_purchased is not null order by all
    """
    over = CUTOFF - datetime.timedelta(days=28)
    before = answer(until_then, query, CUTOFF)
    assert before == answer(everything, query, over)
    assert len(before) > 100


def test_states_are_kept_and_new_snapshots_learned(
    builder, shop, write_shop, everything, until_then, tmp_path
):
    states = "select * from feat_snapshot__online_states order by snapshot_date"
    known, fresh = answer(until_then, states), answer(everything, states)
    assert 0 < len(known) < len(fresh)
    assert fresh[: len(known)] == known
    kept = shutil.copy(until_then, tmp_path / "warehouse.duckdb")
    builder.build(tmp_path, *STATES, input=str(write_shop(shop)))
    assert answer(kept, states) == fresh


def test_what_is_kept_is_not_learned_again(
    builder, shop, write_shop, everything, tmp_path
):
    kept = shutil.copy(everything, tmp_path / "warehouse.duckdb")
    # A trace that a state learned anew would not have.
    with duckdb.connect(str(kept)) as connection:
        connection.execute(
            "update feat_snapshot__online_states set purchase_count = -1"
        )
    builder.build(tmp_path, *STATES, input=str(write_shop(shop)))
    counts = "select distinct purchase_count from feat_snapshot__online_states"
    assert answer(kept, counts) == [(-1,)]


def orders(*rows):
    columns = ("order_id", "ordered_at", "customer_id", "quantity")
    return {
        "order_lines": [
            dict(zip(columns, row, strict=True))
            | {"product_id": "tea", "unit_price": 3.5, "is_cancelled": row[-1] < 0}
            for row in rows
        ]
    }


def regulars(count, months, buys):
    """Customers, of whom some order each month."""
    return orders(
        *[
            (f"{customer}-{month}", f"2024-{month:02}-10", f"c{customer}", 1)
            for month in range(1, months + 1)
            for customer in range(count)
            if month == 1 or buys(customer, month)
        ]
    )


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        (orders(("1", "2024-01-05", "anna", 1)), "nothing to learn from yet"),
        (regulars(30, 6, lambda *_: True), "baseline"),
        (regulars(30, 6, lambda customer, _: customer == 0), "baseline"),
    ],
    ids=["one order", "all always buy", "one always buys"],
)
def test_small_shops_are_served_the_base_rate(
    builder, write_shop, tmp_path, rows, status
):
    warehouse = builder.build(
        tmp_path, *PROPENSITY, with_tests=True, input=str(write_shop(rows))
    )
    served = answer(
        warehouse,
        "select customer_id, method, status, purchase_probability "
        "from customer_propensity",
    )
    assert {row[0] for row in served} == {
        row["customer_id"] for row in rows["order_lines"]
    }
    assert {row[1:3] for row in served} == {("base_rate", status)}
    for *_, probability in served:
        assert probability is None if status != "baseline" else 0 < probability < 1
    reasons = answer(warehouse, "select is_confirmed, reason from propensity_champion")
    assert reasons == [
        (False, "no model could be fitted and compared on snapshots that are over")
    ]
