"""Audiences from build to build: who is in them, who entered and who left."""

import operator

import duckdb
import pytest

REBUILT = (
    *("as_of", "raw_erasure_requests", "checked_erasure_requests"),
    *("stg_erasure_requests", "audience_matches", "audience_changes"),
    "audience_members",
)
CONDITIONS = {
    "=": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
    "in": lambda seen, value: seen in value.split("|"),
}


def ask(warehouse, sql):
    with duckdb.connect(str(warehouse)) as connection:
        return connection.sql(sql).fetchall()


def change(warehouse, sql):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(sql)


@pytest.fixture(scope="module")
def shop(tiny_shop):
    return tiny_shop()


@pytest.fixture(scope="module")
def days(builder, shop, write_shop, tmp_path_factory):
    """Build the tiny shop, and today's audiences again as told by a function."""
    folder = tmp_path_factory.mktemp("audiences")
    given = str(write_shop(shop))
    last_day = "2011-12-09"
    builder.build(
        folder,
        *("--select", "+audience_members"),
        with_tests=True,
        input=given,
        as_of_date=last_day,
    )

    def build(as_of_date, *options, given=given):
        return builder.build(
            folder,
            *("--select", *REBUILT, *options),
            input=given,
            as_of_date=as_of_date,
        )

    return build


def holds(row, column, comparison, value):
    seen = row[column]
    if comparison == "is empty":
        return seen is None
    if seen is None:
        return False
    if not isinstance(seen, str):
        seen, value = float(seen), float(value)
    return CONDITIONS[comparison](seen, value)


def test_members_are_those_of_plain_python(warehouse):
    rows = warehouse.sql("select * from customer_360").to_arrow_table().to_pylist()
    conditions = {}
    for audience, *condition in warehouse.sql(
        "select audience_id, column_name, operator, value from audience_conditions"
    ).fetchall():
        conditions.setdefault(audience, []).append(condition)
    expected = {
        (audience, row["customer_id"])
        for audience, wanted in conditions.items()
        for row in rows
        if all(holds(row, *condition) for condition in wanted)
    }
    found = warehouse.sql("select audience_id, customer_id from audience_members")
    assert set(found.fetchall()) == expected
    assert {audience for audience, _ in expected} == conditions.keys()


CHANGES = "select * from audience_changes order by all"
TODAY = "select audience_id, customer_id from audience_members order by all"


def test_days_are_added_and_told_once(days, shop, write_shop):
    warehouse = days("2011-12-09")
    first = ask(warehouse, CHANGES)
    assert {row[2] for row in first} == {"entered"}
    assert [row[:2] for row in first] == ask(warehouse, TODAY)

    # One of the best customers is no longer, another customer is now.
    [(left,), (entered,)] = ask(
        warehouse,
        """
        select min(customer_id) from customer_360
        group by rfm_segment in ('Champions', 'Loyal')
        having bool_or(rfm_segment is not null)
        order by bool_and(rfm_segment in ('Champions', 'Loyal')) desc
        """,
    )
    change(
        warehouse,
        f"""
        update customer_360
        set rfm_segment = case customer_id when '{left}' then 'Lost' else 'Loyal' end
        where customer_id in ('{left}', '{entered}')
        """,
    )
    second = ask(days("2011-12-11"), CHANGES)
    new = [row[:3] for row in second if row not in first]
    assert set(first) <= set(second)
    assert sorted(new) == sorted(
        [("best_customers", left, "left"), ("best_customers", entered, "entered")]
    )
    since = "select entered_date::string from audience_members where customer_id = "
    assert ("2011-12-11",) in ask(warehouse, f"{since} '{entered}'")

    # Neither a second build of the day nor a full refresh changes what is told of it.
    assert ask(days("2011-12-11"), CHANGES) == second
    assert ask(days("2011-12-11", "--full-refresh"), CHANGES) == second

    # A build of a day before forgets the days that are not there yet.
    earlier = ask(days("2011-12-10"), CHANGES)
    assert [row[:3] for row in earlier] == [row[:3] for row in second]
    assert {str(row[3]) for row in earlier} == {"2011-12-09", "2011-12-10"}

    forgotten = [{"customer_id": entered, "requested_at": "2011-12-10"}]
    given = str(write_shop(shop | {"erasure_requests": forgotten}))
    change(warehouse, f"delete from customer_360 where customer_id = '{entered}'")
    days("2011-12-12", given=given)
    named = f"select count(*) from audience_changes where customer_id = '{entered}'"
    assert ask(warehouse, named) == [(0,)]
    assert len(ask(warehouse, CHANGES)) == sum(row[1] != entered for row in earlier)
