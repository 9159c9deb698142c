"""Days of experiments that nothing has changed are kept, and the others made anew.

Each test builds on a warehouse that knows a shop until the last day but one, and holds
the outcome against a warehouse in which nothing was kept.
"""

import shutil

import duckdb
import pytest

UNITS = "feat_experiment_unit__placements"
OUTCOMES = "feat_experiment_unit_day__outcomes"
CHANGES = "feat_experiment_metric_segment_day__changes"
STATISTICS = (
    "feat_experiment_metric_day__statistics",
    "feat_experiment_metric_variant__quantiles",
    "feat_experiment_metric_variant__statistics",
    "feat_metric__baseline",
)
SUMS = "feat_experiment_metric_segment_day__sums"
COMPARED = (UNITS, OUTCOMES, CHANGES, SUMS, "experiment_unit_counts", *STATISTICS)
FINGERPRINTS = (
    "feat_experiment_day__fingerprints",
    "feat_experiment_metric_day__fingerprints",
)
MADE = (*STATISTICS, "experiment_unit_counts")
EVERYTHING = ("--select", *(f"+{name}" for name in MADE))
FROM_UNITS = ("--select", *(f"{UNITS}+,+{name}" for name in MADE))

LAST_DATE = "2011-12-09"
TIMES = {
    "order_lines": "ordered_at",
    "events": "occurred_at",
    "experiment_exposures": "exposed_at",
}
NAMELESS = "c03"
HINT = 'the cart\'s \\ "hint"'


@pytest.fixture(scope="module")
def whole_shop(tiny_shop):
    """Give the way to make the rows of the shop until the last day.

    Beside its experiment among customers there are one among devices and one that waits
    for an event. One customer is known by their device alone, and by their orders;
    another one meets the experiments on the last day.
    """

    def make():
        rows = tiny_shop()
        latest = {"customer_id": "c41"}
        rows["experiment_exposures"].append(
            rows["experiment_exposures"][0]
            | {**latest, "exposed_at": f"{LAST_DATE} 09:00:00"}
        )
        rows["events"] += [
            rows["events"][0]
            | {**latest, "event_id": date, "event_type": "add_to_cart"}
            | {"occurred_at": f"{date} 10:00:00"}
            for date in ("2011-12-05", LAST_DATE)
        ]
        variants, exposures = rows["experiments"], rows["experiment_exposures"]
        rows["experiments"] = [
            row | {"experiment_id": name, "unit": unit, "trigger_event_type": trigger}
            for name, unit, trigger in [
                ("layout", "customer", ""),
                ("sticky_cart", "device", ""),
                (HINT, "customer", "add_to_cart"),
            ]
            for row in variants
        ]
        rows["experiment_exposures"] = [
            row | {"experiment_id": name}
            for name in ("layout", "sticky_cart", HINT)
            for row in exposures
        ]
        for table in ("events", "experiment_exposures"):
            for row in rows[table]:
                row["anonymous_id"] = f"device of {row['customer_id']}"
                if row["customer_id"] == NAMELESS:
                    row["customer_id"] = ""
        return rows

    return make


@pytest.fixture(scope="module")
def day_before(builder, whole_shop, write_shop, tmp_path_factory):
    rows = whole_shop()
    for table, time in TIMES.items():
        rows[table] = [row for row in rows[table] if row[time] < LAST_DATE]
    folder = tmp_path_factory.mktemp("before")
    return builder.build(folder, *EVERYTHING, input=str(write_shop(rows)))


@pytest.fixture
def kept(day_before, tmp_path):
    """Return a copy of that warehouse, to be built again."""
    return shutil.copy(day_before, tmp_path / "warehouse.duckdb")


@pytest.fixture
def build_on(builder, write_shop):
    """Give the way to build rows on what a warehouse keeps."""
    return lambda rows, kept, *options: builder.build(
        kept.parent, *EVERYTHING, *options, input=str(write_shop(rows))
    )


@pytest.fixture
def made_anew(builder, tmp_path_factory):
    """Give the way to make all days anew that a warehouse has built on what it kept."""

    def refresh(warehouse):
        folder = tmp_path_factory.mktemp("anew")
        shutil.copy(warehouse, folder)
        return builder.build(folder, "--full-refresh", *FROM_UNITS)

    return refresh


def query(warehouse, sql):
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def contents(warehouse):
    return {
        name: sorted(map(repr, query(warehouse, f"from {name}"))) for name in COMPARED
    }


def fingerprints(warehouse):
    """What the days of the experiments are made of that were there the day before."""
    return query(
        warehouse,
        "from feat_experiment_day__fingerprints "
        f"where experiment_id <> '(baseline)' and known_date < '{LAST_DATE}' "
        "order by all",
    )


def late(rows):
    """Add an event and an exposure that is earlier than the first."""
    met, other = rows["experiment_exposures"][:2]
    rows["events"].append(
        rows["events"][0]
        | {name: met[name] for name in ("customer_id", "anonymous_id")}
        | {"event_id": "late", "event_type": "add_to_cart"}
        | {"occurred_at": met["exposed_at"]}
    )
    rows["experiment_exposures"].append(other | {"exposed_at": "2011-07-20"})


def withdrawn(rows):
    """Take away the last order before an exposure, and all that a customer did."""
    exposures = {
        row["customer_id"]: row["exposed_at"] for row in rows["experiment_exposures"]
    }
    withdrawn_id = max(
        (row["ordered_at"], row["order_id"])
        for row in rows["order_lines"]
        if row["ordered_at"] < exposures.get(row["customer_id"], "")
    )[1]
    rows["order_lines"] = [
        row for row in rows["order_lines"] if row["order_id"] != withdrawn_id
    ]
    customer = rows["experiment_exposures"][0]["customer_id"]
    rows["erasure_requests"] = [{"customer_id": customer, "requested_at": LAST_DATE}]


def recognised(rows):
    """Let a device turn out to be a customer's, and a customer to be a machine."""
    event = rows["events"][0] | {"occurred_at": f"{LAST_DATE} 10:00:00"}
    rows["events"] += [event | {"event_id": f"fast {i}"} for i in range(201)]
    nameless = {"customer_id": NAMELESS, "anonymous_id": f"device of {NAMELESS}"}
    rows["events"].append(event | nameless | {"event_id": "login"})


def replanned(rows):
    """Let an experiment end earlier, one begin later and one wait for other events."""
    for row in rows["experiments"]:
        if row["experiment_id"] == "layout":
            row["ended_at"] = "2011-11-20"
        elif row["experiment_id"] == "sticky_cart":
            row["started_at"] = "2011-08-15"
        else:
            row["trigger_event_type"] = "view"


def known_better(rows):
    """Let customers have moved, and one have come by a channel to an experiment."""
    for row in rows["customers"][::3]:
        row["country"] = "Iceland"
    exposure = rows["experiment_exposures"][3]
    rows["events"].append(
        rows["events"][0]
        | {name: exposure[name] for name in ("customer_id", "anonymous_id")}
        | {"event_id": "visit", "channel": "pigeon", "event_type": "sneeze"}
        | {"occurred_at": exposure["exposed_at"]}
    )


def redefined(rows):
    """Give a metric another window, and an experiment other metrics."""
    rows["experiment_metrics"] = [
        {
            "metric_id": "add_to_cart_7d",
            "metric_kind": "proportion",
            "outcome": "add_to_cart",
            "window_days": 21,
        }
    ]
    for row in rows["experiments"]:
        if row["experiment_id"] == "layout":
            row["metric_ids"] = "order_7d revenue_7d"
        else:
            row["metric_ids"] = ""


@pytest.mark.parametrize(
    "change", [late, withdrawn, recognised, replanned, known_better, redefined]
)
def test_a_changed_past_is_made_anew(
    change, whole_shop, day_before, kept, build_on, made_anew
):
    rows = whole_shop()
    change(rows)
    built = build_on(rows, kept)
    assert fingerprints(built) != fingerprints(day_before)
    assert contents(built) == contents(made_anew(built))


def test_a_new_day_is_like_a_first_build(
    whole_shop, day_before, kept, build_on, tmp_path_factory
):
    built = build_on(whole_shop(), kept)
    assert fingerprints(built) == fingerprints(day_before)
    empty = tmp_path_factory.mktemp("first") / "warehouse.duckdb"
    assert contents(built) == contents(build_on(whole_shop(), empty))


@pytest.fixture
def marked(kept):
    """Return the warehouse with impossible numbers, which stay where days are kept."""
    with duckdb.connect(str(kept)) as connection:
        connection.sql(f"update {OUTCOMES} set outcome_count = -1")
        connection.sql(f"update {CHANGES} set sum_yy = -1")
    return kept


def made_days(warehouse):
    """Experiment and date of the rows that were made since they were all marked."""
    return {
        (experiment_id, str(known_date))
        for table, is_new in [
            (OUTCOMES, "outcome_count > 0"),
            (CHANGES, "sum_yy <> -1"),
        ]
        for experiment_id, known_date in query(
            warehouse, f"select experiment_id, known_date from {table} where {is_new}"
        )
    }


def test_a_new_day_touches_no_other(whole_shop, marked, build_on):
    days = made_days(build_on(whole_shop(), marked))
    assert {date for name, date in days if name != "(baseline)"} == {LAST_DATE}


def test_a_new_cap_moves_no_day(
    whole_shop, day_before, marked, kept, build_on, made_anew
):
    rows = whole_shop()
    dear = {"order_id": "dear", "customer_id": "c41", "unit_price": 9999}
    rows["order_lines"].append(
        rows["order_lines"][0] | dear | {"ordered_at": f"{LAST_DATE} 11:00:00"}
    )
    built = build_on(rows, marked)
    caps = "from feat_experiment_metric__caps order by all"
    assert query(built, caps) != query(day_before, caps)
    assert {date for name, date in made_days(built) if name == "layout"} == {LAST_DATE}
    shutil.copy(day_before, kept)
    built = build_on(rows, kept)
    assert contents(built) == contents(made_anew(built))


def test_nothing_new_touches_nothing(builder, day_before, marked):
    count = (
        f"select (select count(*) from {OUTCOMES}), (select count(*) from {CHANGES})"
    )
    select = ("--select", *FINGERPRINTS, OUTCOMES, CHANGES)
    built = builder.build(marked.parent, *select)
    assert made_days(built) == set()
    assert query(built, count) == query(day_before, count)


def test_a_table_of_another_release_is_made_anew(builder, day_before, kept):
    with duckdb.connect(str(kept)) as connection:
        connection.sql(f"alter table {OUTCOMES} drop column day_fingerprint")
        connection.sql(f"alter table {CHANGES} alter column sum_y type double")
    assert contents(builder.build(kept.parent, *FROM_UNITS)) == contents(day_before)


def test_an_empty_build_is_made_good(builder, day_before, kept):
    builder.build(kept.parent, "--empty", *FROM_UNITS)
    assert contents(builder.build(kept.parent, *FROM_UNITS)) == contents(day_before)


def test_blocks_of_units_leave_no_trace(builder, day_before, kept):
    anew = ("--full-refresh", *FROM_UNITS)
    built = builder.build(kept.parent, *anew, experiment_block_units=7)
    assert contents(built) == contents(day_before)


def test_a_new_day_comes_in_blocks_too(builder, whole_shop, write_shop, kept):
    rows = str(write_shop(whole_shop()))
    built = builder.build(
        kept.parent, *EVERYTHING, input=rows, experiment_block_units=7
    )
    in_blocks = query(built, f"from {CHANGES} order by all")
    builder.build(kept.parent, "--full-refresh", *FROM_UNITS)
    assert query(built, f"from {CHANGES} order by all") == in_blocks
