"""Experiments that cannot be read say why, and show no number that misleads."""

from datetime import datetime, timedelta

import pytest

START = datetime(2024, 1, 10)
QUOTED = 'the "5\' 6" one'
# Variants and planned shares; all else is fine unless said otherwise below.
EXPERIMENTS = {
    "fine": {"a": 0.5, "b": 0.5},
    "quoted": {"a": 0.5, QUOTED: 0.5},
    "lonely": {"a": 1.0},
    "unseen": {"a": 0.5, "b": 0.5},
    "heavy": {"a": 0.5, "b": 0.9},
    "barren": {"a": 0.5, "b": 0.5},
    "unheard": {"a": 0.5, "b": 0.5},
    "unmeasured": {"a": 0.5, "b": 0.5},
    "backwards": {"a": 0.5, "b": 0.5},
    "uncontrolled": {"a": 0.5, "b": 0.5},
    "skewed": {"a": 0.5, "b": 0.5},
    "overlapping": {"a": 0.5, "b": 0.5},
}
PRIMARY = {"barren": "complaint", "unheard": "applause", "unmeasured": "typo"}
STATUSES = {
    "fine": ("check", "100.00 % of the units were in other experiments"),
    "quoted": ("ok", None),
    "lonely": ("invalid", "only one variant"),
    "unseen": ("no data", "no unit was exposed"),
    "heavy": ("invalid", "planned weights do not sum to 1"),
    "barren": ("check", "complaint is the same for every unit"),
    "unheard": ("check", "applause is the same for every unit"),
    "unmeasured": ("check", "metrics that are not declared: typo"),
    "backwards": ("invalid", "ended_at_before_started_at"),
    "uncontrolled": ("invalid", "not exactly one control"),
    "skewed": ("invalid", "do not arrive in the planned shares"),
    "overlapping": ("check", "100.00 % of the units were in other experiments"),
}


def quoted(value):
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"'


def csv(rows):
    lines = [",".join(rows[0]), *(",".join(map(quoted, row.values())) for row in rows)]
    return "\n".join(lines) + "\n"


def declarations():
    for name, variants in EXPERIMENTS.items():
        ended_at = START + timedelta(days=-1 if name == "backwards" else 5)
        for variant, weight in variants.items():
            yield {
                "experiment_id": name,
                "variant": variant,
                "planned_weight": weight,
                "is_control": variant == "a" and name != "uncontrolled",
                "started_at": START,
                "ended_at": ended_at,
                "primary_metric_id": PRIMARY.get(name, "order_7d"),
                "metric_ids": PRIMARY.get(name, "order_7d"),
            }


def exposures():
    """Give each experiment 40 customers of its own, but two the same ones."""
    for name, variants in EXPERIMENTS.items():
        if name == "unseen":
            continue
        crowd = "fine" if name == "overlapping" else name
        for number in range(40):
            names = [*variants]
            is_second = number % 2 if name != "skewed" else number % 20 == 0
            yield {
                "experiment_id": name,
                "variant": names[-1] if is_second else names[0],
                "exposed_at": START + timedelta(hours=number),
                "customer_id": f"{crowd} {number}",
            }


def orders():
    """Let half of the even and a quarter of the odd customers order the day after."""
    for row in exposures():
        number = int(row["customer_id"].split()[-1])
        if number % 4 == 0 or number % 8 == 1:
            at = row["exposed_at"] + timedelta(days=1)
            yield f"{row['experiment_id']} {number},{at},{row['customer_id']},tea,1,5"


@pytest.fixture
def built(shop):
    shop.orders(*orders(), f"last,{START + timedelta(days=60)},somebody,tea,1,5")
    shop.write("experiments.csv", csv(list(declarations())))
    shop.write("experiment_exposures.csv", csv(list(exposures())))
    shop.write(
        "experiment_metrics.csv",
        "metric_id,metric_kind,outcome,window_days\n"
        "complaint,mean,complaint,7\napplause,proportion,applause,7\n",
    )
    exit_code, output = shop.build("--select", "+experiment_readout", "--publish")
    assert exit_code == 0, output
    return shop


def test_every_flaw_has_a_status_and_a_reason(built):
    health = {
        name: (status, reason)
        for name, status, reason in built.query(
            "select experiment_id, status, reason from experiment_health"
        )
    }
    assert health.keys() == EXPERIMENTS.keys()
    for name, (status, words) in STATUSES.items():
        assert health[name][0] == status, (name, health[name])
        assert (words is None) == (health[name][1] is None), (name, health[name])
        assert words is None or words in health[name][1], (name, health[name])

    # Without a good status there is no verdict on an effect, nor a number to quote.
    readouts = built.query(
        "select experiment_id, verdict, effect, p_value, annual_effect, readout "
        "from experiment_readout"
    )
    assert {row[0] for row in readouts} == EXPERIMENTS.keys()
    for name, verdict, *numbers, readout in readouts:
        assert readout
        if STATUSES[name][0] in ("invalid", "no data"):
            assert verdict == STATUSES[name][0]
        if STATUSES[name][0] in ("invalid", "no data") or name in PRIMARY:
            assert verdict in ("invalid", "no data"), (name, verdict)
            assert numbers == [None, None, None]

    # The name of a variant is data.
    assert built.query(
        "select variant, unit_count, value, control_value from experiment_results "
        "where experiment_id = 'quoted' and is_default and segment_dimension = 'all'"
    ) == [(QUOTED, 20, 0.25, 0.5)]

    # A test that cannot be made has a status in place of a p-value.
    assert built.query(
        "select distinct experiment_id, status from experiment_results "
        "where experiment_id in ('barren', 'unheard', 'unseen', 'uncontrolled') "
        "and is_default and segment_dimension = 'all' order by all"
    ) == [
        ("barren", "no variation"),
        ("uncontrolled", "no control"),
        ("unheard", "no variation"),
        ("unseen", "no exposures"),
    ]
