import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from mercato.experiments.results import RESULTS_SCHEMA
from mercato.experiments.sequential import TIMELINE_SCHEMA
from mercato.experiments.verdicts import (
    PEEKING,
    combined_verdicts,
    daily_verdicts,
    verdicts,
)


def results(*rows):
    shared = {
        "comparison": "variant vs control",
        "method": "welch",
        "segment_dimension": "all",
        "status": "ok",
    }
    return pa.Table.from_pylist([shared | row for row in rows], schema=RESULTS_SCHEMA)


def interval(lower, upper, p_value=None):
    return {"effect_lower": lower, "effect_upper": upper, "p_value": p_value}


def test_p_values_find_and_intervals_hold():
    rows = results(interval(0, 2, 0.04), interval(1.5, 3, 0.05), interval(-1, 1, 0.01))
    found = verdicts(rows, 1.0, 0.05)["welch"]
    assert found.is_rejected.tolist() == [True, False, True]
    assert found.is_covered.tolist() == [1, 0, 1]
    assert found.width.tolist() == [2, 1.5, 2]


def test_without_p_values_intervals_find():
    rows = results(interval(0.1, 2), interval(-2, -1), interval(-1, 1))
    assert verdicts(rows, 0.0, 0.05)["welch"].is_rejected.tolist() == [
        True,
        True,
        False,
    ]


def test_a_test_without_an_interval_covers_nothing():
    found = verdicts(results({"method": "chi_square", "p_value": 0.01}), 0.0, 0.05)
    assert found["chi_square"].is_rejected.tolist() == [True]
    assert np.isnan(found["chi_square"].is_covered).all()


def test_what_has_no_numbers_and_single_segments_do_not_count():
    rows = results(
        {"status": "no variation"},
        {"segment_dimension": "stratum", "p_value": 0.01},
        {"comparison": "between segments", "method": "cochran_q", "p_value": 0.01}
        | {"segment_dimension": "stratum"},
    )
    assert set(verdicts(rows, 0.0, 0.05)) == {"cochran_q"}


def test_exact_tests_count_for_what_they_stand_in_for():
    rows = results(
        {"method": "fisher_exact", "p_value": 0.01},
        {"method": "two_proportion", "p_value": 0.2},
        {"method": "fisher_exact", "comparison": "all variants", "p_value": 0.01},
    )
    found = verdicts(rows, 0.0, 0.05)
    assert found["two_proportion"].is_rejected.tolist() == [True, False]
    assert found["chi_square"].is_rejected.tolist() == [True]


def day(number, status="ok", **columns):
    return {
        "observed_date": dt.date(2000, 1, number),
        "status": status,
        "p_value": 1.0,
        "effect_lower": -9.0,
        "effect_upper": 9.0,
        "fixed_p_value": 1.0,
        "fixed_effect_lower": -1.0,
        "fixed_effect_upper": 1.0,
    } | columns


def timeline(*rows):
    return pa.Table.from_pylist(list(rows), schema=TIMELINE_SCHEMA)


def test_one_day_suffices_to_find_and_to_miss():
    nothing = {name: None for name in day(1) if "effect" in name or "p_value" in name}
    rows = timeline(
        day(1, fixed_p_value=0.01, fixed_effect_lower=0.5),
        day(2, effect_upper=7.0),
        day(1, "too few units", **nothing),
        day(2),
        day(1, p_value=0.01, effect_lower=2.5),
        day(2, "no variation", **nothing),
    )
    found = daily_verdicts(rows, np.array([0.0, 2.0]), 0.05)
    sequence, fixed = found["confidence_sequence"], found[PEEKING]
    assert sequence.is_rejected.tolist() == [False, False, True]
    assert sequence.is_covered.tolist() == [1, 1, 0]
    assert sequence.width.tolist() == [16, 18, 6.5]
    assert fixed.is_rejected.tolist() == [True, False, False]
    # On the second day there is an effect of 2, which the interval does not hold.
    assert fixed.is_covered.tolist() == [0, 0, 1]


def test_experiments_without_a_day_do_not_count():
    rows = timeline(day(1, "no exposures"), day(2, "no exposures"))
    assert daily_verdicts(rows, np.zeros(2), 0.05) == {}
    rows = timeline(day(1, "no exposures"), day(1))
    found = daily_verdicts(rows, np.zeros(1), 0.05)
    assert found[PEEKING].is_rejected.tolist() == [False]


def test_blocks_are_put_together():
    first = verdicts(results(interval(0, 2, 0.01)), 1.0, 0.05)
    second = verdicts(results(interval(0, 1, 0.2), {"method": "cuped"}), 2.0, 0.05)
    found = combined_verdicts([first, second])
    assert found["welch"].is_rejected.tolist() == [True, False]
    assert found["welch"].is_covered.tolist() == [1, 0]
    assert len(found["cuped"].is_rejected) == 1
    assert combined_verdicts([]) == {}


@pytest.mark.parametrize("rows", [results().slice(0, 0)])
def test_no_results_are_no_verdicts(rows):
    assert verdicts(rows, 0.0, 0.05) == {}
