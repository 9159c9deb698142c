"""The sums that experiments are read by, against plain loops over the outcomes."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest

NAMES = ["y", "d", "x", "w", "yy", "yd", "yx", "yw", "dd", "dx", "dw", "xx", "xw", "ww"]
DAY = timedelta(days=1)


def rows(warehouse, sql):
    relation = warehouse.sql(sql)
    return [
        dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()
    ]


@pytest.fixture(scope="module")
def metrics(warehouse):
    return {
        row["metric_id"]: row
        for row in rows(warehouse, "from experiment_metrics")
        if row["metric_kind"] != "quantile"
    }


@pytest.fixture(scope="module")
def units(warehouse):
    return rows(warehouse, "from feat_experiment_unit__segments")


@pytest.fixture(scope="module")
def outcomes(warehouse):
    """What each customer or device did: time and amounts, from the core tables."""
    found = defaultdict(list)
    for order in rows(warehouse, "from orders where customer_id is not null"):
        kind = "return" if order["is_cancellation"] else "order"
        key = "customer", order["customer_id"], kind
        found[key].append((order["ordered_at"], order))
    for event in rows(warehouse, "from events"):
        for unit, name in [("customer", "customer_id"), ("device", "anonymous_id")]:
            key = unit, event[name], event["event_type"]
            found[key].append((event["occurred_at"], event))
    return found


@pytest.fixture(scope="module")
def experiment_metrics(warehouse):
    found = defaultdict(set)
    for row in rows(warehouse, "from feat_experiment__metrics where not is_given"):
        found[row["experiment_id"]].add(row["metric_id"])
    return found


@pytest.fixture(scope="module")
def as_of(warehouse):
    return warehouse.sql("from as_of").fetchall()[0][0]


def amount(row, column):
    if column is None:
        return Decimal(1)
    return Decimal(row["event_value" if column == "value" else column] or 0)


def total(outcomes, unit, kind, column, window, until):
    """Add up what happened in a window of whole days after the exposure, by a date."""
    start, end = (unit["exposed_at"] + days * DAY for days in window)
    return sum(
        (
            amount(row, column)
            for at, row in outcomes.get((unit["unit"], unit["unit_id"], kind), [])
            if start <= at < end and at.date() <= until
        ),
        Decimal(0),
    )


def uncapped(outcomes, unit, metric, until):
    """y, d, x and w of a unit as they are known at the end of a date."""
    after = (metric["window_start_days"], metric["window_days"])
    before = (-metric["covariate_days"], 0)
    y_of = (metric["outcome"], metric["value_column"])
    d_of = (metric["denominator_outcome"], metric["denominator_value_column"])
    return [
        total(outcomes, unit, *y_of, after, until),
        total(outcomes, unit, *d_of, after, until),
        total(outcomes, unit, *y_of, before, until),
        total(outcomes, unit, *d_of, before, until),
    ]


def entry_date(unit, metric):
    waits = metric["window_days"] if metric["window_start_days"] > 0 else 0
    return unit["exposure_date"] + waits * DAY


def caps(units, metrics, outcomes, experiment_metrics, as_of):
    """The winsorising limit of each experiment and metric, by nearest rank."""
    found = {}
    for metric_id, metric in metrics.items():
        if metric["metric_kind"] in ("proportion", "retention"):
            found[metric_id] = Decimal(1)
        if metric["winsorise_quantile"] is None:
            continue
        values = defaultdict(list)
        for unit in units:
            if metric_id in experiment_metrics[unit["experiment_id"]]:
                y = uncapped(outcomes, unit, metric, as_of)[0]
                if y:
                    values[unit["experiment_id"]].append(y)
        for experiment_id, some in values.items():
            some.sort()
            place = next(
                i
                for i in range(len(some))
                if i + 1 >= metric["winsorise_quantile"] * len(some)
            )
            found[experiment_id, metric_id] = max(some[place], Decimal(0))
    return found


@pytest.fixture(scope="module")
def limits(units, metrics, outcomes, experiment_metrics, as_of):
    return caps(units, metrics, outcomes, experiment_metrics, as_of)


def statistics(units, metric, outcomes, limit, until):
    """Units and the 14 sums over them."""
    count, sums = 0, dict.fromkeys(NAMES, Decimal(0))
    for unit in units:
        if entry_date(unit, metric) > until:
            continue
        count += 1
        y, d, x, w = uncapped(outcomes, unit, metric, until)
        if metric["metric_kind"] != "ratio":
            d = w = Decimal(0)
        if limit is not None:
            y, x = min(y, limit), min(x, limit)
        values = {"y": y, "d": d, "x": x, "w": w}
        for name in NAMES:
            product = Decimal(1)
            for letter in name:
                product *= values[letter]
            sums[name] += product
    return [count, *(float(sums[name]) for name in NAMES)]


def compare(found, units, metrics, outcomes, limits, until):
    """Each found row against the loops."""
    assert found
    by_arm = defaultdict(list)
    for unit in units:
        by_arm[unit["experiment_id"], unit["variant"]].append(unit)
    for row in found:
        metric_id, experiment_id = row["metric_id"], row["experiment_id"]
        arm = by_arm[experiment_id, row["variant"]]
        dimension = row.get("segment_dimension", "all")
        if dimension != "all":
            arm = [unit for unit in arm if unit[dimension] == row["segment_value"]]
        limit = limits.get(metric_id, limits.get((experiment_id, metric_id)))
        expected = statistics(arm, metrics[metric_id], outcomes, limit, until)
        numbers = [row["unit_count"], *(row[f"sum_{name}"] for name in NAMES)]
        assert numbers == pytest.approx(expected, rel=1e-12, abs=1e-9), row


def made_here(experiment_metrics, metrics):
    wanted = " or ".join(
        f"(experiment_id = '{experiment_id}' and metric_id = '{metric_id}')"
        for experiment_id, some in experiment_metrics.items()
        for metric_id in some & metrics.keys()
    )
    return f"({wanted})"


def test_sums_of_everybody_and_of_segments(
    warehouse, units, metrics, outcomes, experiment_metrics, limits, as_of
):
    found = rows(
        warehouse,
        "from feat_experiment_metric_variant__statistics "
        "where segment_value <> 'other' and segment_dimension in "
        f"('all', 'customer_status') and {made_here(experiment_metrics, metrics)}",
    )
    compare(found, units, metrics, outcomes, limits, as_of)


def test_sums_at_the_end_of_days_in_between(
    warehouse, units, metrics, outcomes, experiment_metrics, limits
):
    days = warehouse.sql(
        "select distinct observed_date from feat_experiment_metric_day__statistics "
        "order by md5(cast(observed_date as varchar)) limit 3"
    ).fetchall()
    for (day,) in days:
        found = rows(
            warehouse,
            "from feat_experiment_metric_day__statistics where observed_date = "
            f"'{day}' and {made_here(experiment_metrics, metrics)}",
        )
        compare(found, units, metrics, outcomes, limits, day)


def test_the_baseline_is_an_experiment_of_everybody(
    warehouse, units, metrics, outcomes, limits, as_of
):
    found = [
        row | {"experiment_id": "(baseline)", "variant": "everybody"}
        for row in rows(warehouse, "from feat_metric__baseline")
    ]
    compare(found, units, metrics, outcomes, limits, as_of)


def test_the_last_day_is_the_whole(warehouse):
    """What the timeline ends with is what results are made of."""
    columns = ", ".join(["unit_count", *(f"sum_{name}" for name in NAMES)])
    keys = "experiment_id, metric_id, variant"
    last = warehouse.sql(
        f"""
        select {keys}, {columns} from feat_experiment_metric_day__statistics
        qualify observed_date = max(observed_date) over (
            partition by experiment_id, metric_id
        )
        """
    )
    total = warehouse.sql(
        f"""
        select {keys}, {columns} from feat_experiment_metric_variant__statistics
        where segment_dimension = 'all' and metric_kind <> 'quantile'
        """
    )
    assert sorted(last.fetchall()) == sorted(total.fetchall())
