"""Checked rows, events, visits and units are kept where nothing changed them."""

import random
from collections import Counter

import duckdb
import pytest

# By what rows are told, and a column that may be marked, as nothing here is made of it.
TABLES = {
    "checked_events": ("event_id", "given_row"),
    "checked_experiment_exposures": ("exposed_at", "given_row"),
    "events": ("customer_id", "product_id"),
    "sessions": ("customer_id", "campaign_id"),
    "experiment_exposures": ("customer_id", "unit"),
    "feat_experiment_unit__placements": ("unit_id", "country"),
}
EVERYTHING = ("--select", *(f"+{name}" for name in TABLES))
AS_OF = "2020-01-31"
DATES = [f"2020-01-{day:02}" for day in range(1, 31)]
CUSTOMERS = ["anna", "bert", "cleo", "dora", "emil", "", " NULL "]
DEVICES = ["phone", "laptop", "tablet", "shared", "", ""]


def a_time(rng):
    """Return a moment, now and then written otherwise, unreadable or too late."""
    return rng.choices(
        [
            f"{rng.choice(DATES)} {rng.randrange(24):02}:00:00",
            f"{rng.choice(DATES)}T{rng.randrange(24):02}:00:00+02:00",
            f" {rng.choice(DATES)}",
            rng.choice(["", "yesterday", "1970-01-01"]),
            rng.choice(["2020-02-01", "2020-02-01 12:00:00"]),
        ],
        weights=[80, 8, 4, 4, 4],
    )[0]


def an_event(rng):
    return {
        "event_id": rng.choices([f"e{rng.randrange(300)}", "", " e7 "], [96, 2, 2])[0],
        "customer_id": rng.choice(CUSTOMERS),
        "anonymous_id": rng.choice(DEVICES),
        "event_type": rng.choice(["view", "View", "add_to_cart"]),
        "value": rng.choices(["", "1", "one"], [90, 8, 2])[0],
        "occurred_at": a_time(rng),
    }


def an_exposure(rng):
    return {
        "experiment_id": rng.choice(["layout", "sticky_cart", "unknown"]),
        "variant": rng.choice(["a", "b", "b", "c"]),
        "customer_id": rng.choice(CUSTOMERS),
        "anonymous_id": rng.choice(DEVICES),
        "exposed_at": a_time(rng),
    }


DRAWN = {"events": (an_event, 250), "experiment_exposures": (an_exposure, 150)}


def asked_by(customer):
    return {"customer_id": customer, "requested_at": AS_OF}


def a_shop(rng):
    variants = [
        {"experiment_id": name, "variant": variant, "planned_weight": 0.5}
        | {"is_control": variant == "a", "unit": unit, "started_at": DATES[0]}
        for name, unit in [("layout", "customer"), ("sticky_cart", "device")]
        for variant in "ab"
    ]
    order_line = {"order_id": "1", "product_id": "p", "quantity": 1, "unit_price": 1}
    return {
        "order_lines": [order_line | {"ordered_at": AS_OF}],
        "experiments": variants,
        "erasure_requests": [asked_by("nobody")],
    } | {
        table: [draw(rng) for _ in range(count)]
        for table, (draw, count) in DRAWN.items()
    }


def new_rows(rng, rows):
    for table, (draw, _) in DRAWN.items():
        rows[table] += [draw(rng) for _ in range(8)]


def fewer_rows(rng, rows):
    for table, (_, count) in DRAWN.items():
        rows[table] = rng.sample(rows[table], count)


def corrected_rows(rng, rows):
    for table, (draw, _) in DRAWN.items():
        for row in rng.sample(rows[table], 5):
            fresh = draw(rng)
            row.update({name: fresh[name] for name in rng.sample(sorted(fresh), 2)})


def forgotten(rng, rows):
    rows["erasure_requests"] = [asked_by(rng.choice(CUSTOMERS[:5]))]


def remembered(rng, rows):
    rows["erasure_requests"] = [asked_by("nobody")]


def replanned(rng, rows):
    for row in rows["experiments"]:
        if row["experiment_id"] == "layout":
            row["unit"] = "device"
        row["variant"] = row["variant"].replace("b", "c")


def a_day_passes(rng, rows):
    """Change no row: what was too late the day before no longer is."""


CHANGES = (
    new_rows,
    forgotten,
    corrected_rows,
    remembered,
    a_day_passes,
    fewer_rows,
    replanned,
)


@pytest.fixture
def build_shop(builder, write_shop):
    """Give the way to build rows on what a folder's warehouse keeps."""
    return lambda folder, rows, as_of=AS_OF: builder.build(
        folder, *EVERYTHING, input=str(write_shop(rows)), as_of_date=as_of
    )


def rows_of(warehouse):
    """Return the rows of all tables as text, with the names of their tables."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return Counter(
            f"{name}: {row}"
            for name in TABLES
            for row in connection.sql(f"from {name}").fetchall()
        )


def test_any_change_is_like_a_first_build(build_shop, tmp_path_factory):
    rng = random.Random(20200131)
    rows = a_shop(rng)
    kept = tmp_path_factory.mktemp("kept")
    as_of = AS_OF
    build_shop(kept, rows)
    for change in CHANGES:
        change(rng, rows)
        if change is a_day_passes:
            as_of = "2020-02-01"
        built = rows_of(build_shop(kept, rows, as_of))
        first = rows_of(build_shop(tmp_path_factory.mktemp("first"), rows, as_of))
        assert built - first == Counter(), change.__name__
        assert first - built == Counter(), change.__name__


@pytest.fixture
def calm_shop():
    """Return the rows of a shop in which every row is in order."""
    visitor = {"customer_id": "", "anonymous_id": ""}
    rows = a_shop(random.Random(1))
    rows["events"] = [
        {"event_id": f"{customer} {date}", "event_type": "view"}
        | {**visitor, "customer_id": customer, "occurred_at": f"{date} 10:00:00"}
        for customer in ("anna", "bert")
        for date in DATES
    ]
    rows["experiment_exposures"] = [
        {"experiment_id": "layout", "variant": "a"}
        | {**visitor, "customer_id": customer, "exposed_at": f"{DATES[0]} 10:00:00"}
        for customer in ("anna", "bert")
    ]
    return rows


@pytest.fixture
def marked(build_shop, calm_shop, tmp_path):
    """Build that shop, and mark all rows."""
    built = build_shop(tmp_path, calm_shop)
    with duckdb.connect(str(built)) as connection:
        for table, (_, marked) in TABLES.items():
            connection.sql(f"update {table} set {marked} = 'kept'")
    return tmp_path


def made(warehouse):
    """Return what tells the rows that were made since all were marked."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = {
            table: connection.sql(
                f"select distinct cast({told_by} as text) from {table} "
                f"where {marked} is distinct from 'kept' order by all"
            ).fetchall()
            for table, (told_by, marked) in TABLES.items()
        }
    return {table: [row[0] for row in rows] for table, rows in found.items() if rows}


def test_nothing_new_touches_nothing(build_shop, calm_shop, marked):
    assert made(build_shop(marked, calm_shop)) == {}


def test_a_new_day_touches_whom_it_brings(build_shop, calm_shop, marked):
    event, exposure = calm_shop["events"][0], calm_shop["experiment_exposures"][1]
    calm_shop["events"].append(event | {"event_id": "new", "occurred_at": AS_OF})
    calm_shop["experiment_exposures"].append(exposure | {"exposed_at": AS_OF})
    assert made(build_shop(marked, calm_shop)) == {
        "checked_events": ["new"],
        "checked_experiment_exposures": [f"{AS_OF} 00:00:00"],
        "events": ["anna"],
        "sessions": ["anna"],
        "experiment_exposures": ["bert"],
        "feat_experiment_unit__placements": ["anna", "bert"],
    }


def test_a_new_row_with_an_old_key_makes_both_doubtful(build_shop, calm_shop, marked):
    known = calm_shop["events"][3]
    calm_shop["events"].append(known | {"event_type": "cart", "occurred_at": AS_OF})
    built = build_shop(marked, calm_shop)
    with duckdb.connect(str(built), read_only=True) as connection:
        judged = connection.sql(
            "select event_id, row_status, rejection_reasons from checked_events "
            "where row_status <> 'accepted'"
        ).fetchall()
    doubtful = (known["event_id"], "quarantined", "same_key_other_content")
    assert judged == [doubtful, doubtful]
    assert made(built)["checked_events"] == [known["event_id"]]
