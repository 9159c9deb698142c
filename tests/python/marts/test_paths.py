"""Funnels and transitions of the sample, walked event by event in plain Python."""

from bisect import bisect_left
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

FUNNELS = {
    "purchase": [("view", None), ("add_to_cart", 24), ("order", 72)],
    "second_order": [("order", None), ("order", 2160)],
}
GAP = pd.Timedelta(minutes=30)


@pytest.fixture(scope="module")
def visits(events):
    """The events of each customer or visitor in order, cut into visits."""
    devices = events[["anonymous_id", "customer_id"]]
    devices = devices[(devices != "").all(axis=1)].drop_duplicates()
    owners = devices[~devices["anonymous_id"].duplicated(keep=False)]
    owner = events["anonymous_id"].map(owners.set_index("anonymous_id")["customer_id"])
    unit = events["customer_id"].where(events["customer_id"] != "", owner)
    rows = events.assign(unit=unit.fillna("anonymous:" + events["anonymous_id"]))
    rows = rows.sort_values(["unit", "occurred_at", "event_id"])
    waited = rows.groupby("unit")["occurred_at"].diff()
    rows["visit"] = (waited.isna() | (waited > GAP)).cumsum()
    channel = rows.groupby("visit")["channel"].transform("first")
    return rows.assign(channel=channel.replace("", "unknown"))


@pytest.fixture(scope="module")
def times(visits, lines):
    """When each customer or visitor did each thing, orders too; in order."""
    found = defaultdict(lambda: defaultdict(list))
    for unit, kind, time in zip(
        visits["unit"], visits["event_type"], visits["occurred_at"], strict=True
    ):
        found[unit][kind].append(time)
    sold = lines[(lines["customer_id"] != "") & ~lines["is_cancelled"]]
    orders = sold.groupby("order_id").agg(
        unit=("customer_id", "first"), ordered_at=("ordered_at", "min")
    )
    for unit, time in orders.sort_values("ordered_at").itertuples(index=False):
        found[unit]["order"].append(time)
    return found


def furthest(done, steps):
    """Walk through the steps; return the hours to each that was reached, or None."""
    attempts = [(time, time) for time in done[steps[0][0]]]
    yield None, None
    for kind, limit in steps[1:]:
        reached = []
        for time in done[kind]:
            place = bisect_left([earlier for earlier, _ in attempts], time)
            if place:
                previous, entered = attempts[place - 1]
                if time - previous <= pd.Timedelta(hours=limit):
                    reached.append((time, entered))
                    if len(reached) == 1:
                        yield hours(time - previous), hours(time - entered)
        attempts = reached


def hours(duration):
    return duration.total_seconds() / 3600


@pytest.fixture(scope="module")
def segments(visits, times, warehouse):
    """Give the segments of a customer who enters a funnel by a kind of thing."""
    countries = dict(
        warehouse.sql("select customer_id, country from customers").fetchall()
    )

    def segments_of(unit, kind):
        entered = times[unit][kind][0]
        ordered = times[unit]["order"]
        is_back = bool(ordered) and min(ordered) < entered
        return {
            "all": "all",
            "channel": channel_of[kind].get(unit, "unknown"),
            "country": countries[unit] or "unknown",
            "customer_status": "returning" if is_back else "new",
        }.items()

    channel_of = {}
    for kind, entries in visits.groupby("event_type"):
        first = entries.drop_duplicates("unit")
        channel_of[kind] = dict(zip(first["unit"], first["channel"], strict=True))
    channel_of["order"] = {}
    return segments_of


@pytest.fixture(scope="module")
def taken(times, segments):
    """Give the hours that customers of each segment took to each step of a funnel."""

    def walk(funnel):
        steps = FUNNELS[funnel]
        found = defaultdict(list)
        for unit, done in times.items():
            if done[steps[0][0]]:
                for step, durations in enumerate(furthest(done, steps), start=1):
                    for segment in segments(unit, steps[0][0]):
                        found[*segment, step].append(durations)
        return found

    return walk


@pytest.mark.parametrize("funnel", FUNNELS)
def test_funnels_are_those_of_a_walk(warehouse, taken, funnel):
    walked, steps = taken(funnel), FUNNELS[funnel]
    found = warehouse.execute(
        """
        select
            segment_dimension, segment_value, step_number, reached_count,
            entered_count, previous_step_rate, median_hours_from_previous,
            median_hours_from_entry
        from funnel_results where funnel_id = ?
        """,
        [funnel],
    ).fetchall()
    assert len(found) == len(steps) * len({segment[:2] for segment in walked})
    for *segment, step, reached, entered, rate, previous_hours, entry_hours in found:
        durations = walked[*segment, step]
        assert reached == len(durations)
        assert entered == len(walked[*segment, 1])
        if step > 1 and durations:
            assert rate == pytest.approx(reached / len(walked[*segment, step - 1]))
            medians = pd.DataFrame(durations).median()
            assert (previous_hours, entry_hours) == pytest.approx(tuple(medians))


@pytest.mark.parametrize("funnel", FUNNELS)
def test_durations_are_those_of_numpy(warehouse, taken, funnel):
    walked = taken(funnel)
    percentages = (10, 25, 50, 75, 90)
    columns = [
        f"{since}_p{percentage}"
        for since in ("hours_from_previous", "hours_from_entry")
        for percentage in percentages
    ]
    found = warehouse.execute(
        "select segment_dimension, segment_value, step_number, reached_count,"
        f" {', '.join(columns)} from funnel_durations where funnel_id = ?",
        [funnel],
    ).fetchall()
    later = {key for key, durations in walked.items() if key[2] > 1 and durations}
    assert {row[:3] for row in found} == later
    for row in found:
        hours_taken = np.array(walked[row[:3]])
        assert row[3] == len(hours_taken)
        expected = np.percentile(hours_taken, percentages, axis=0)
        np.testing.assert_allclose(row[4:], expected.T.ravel(), rtol=1e-9)


def test_transitions_are_those_of_a_walk(warehouse, visits):
    expected = Counter()
    for _, kinds in visits.groupby("visit")["event_type"]:
        expected.update(pairwise(["(start)", *kinds, "(end)"]))
    found = warehouse.execute(
        "select from_state, to_state, transition_count, transition_probability"
        " from path_transitions"
    ).fetchall()
    assert {row[:2]: row[2] for row in found} == expected
    leaving = Counter()
    for (state, _), count in expected.items():
        leaving[state] += count
    for state, _, count, probability in found:
        assert probability == pytest.approx(count / leaving[state])
