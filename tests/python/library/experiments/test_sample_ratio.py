import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mercato.experiments.sample_ratio import SAMPLE_RATIO_SCHEMA, sample_ratio_results


def exposures(*arms, experiment_id="e", scope="all", scope_value="all"):
    """Lay out (variant, planned_weight, units) as a table of exposures."""
    names = ("variant", "planned_weight", "unit_count")
    place = {
        "experiment_id": experiment_id,
        "scope": scope,
        "scope_value": scope_value,
    }
    return pa.Table.from_pylist(
        [place | dict(zip(names, arm, strict=True)) for arm in arms]
    )


def test_published_example_leaves_out_the_arm_of_weight_0():
    table = exposures(("A", 0.5, 10000), ("B", 0.5, 10300), ("old", 0.0, 77))
    (row,) = sample_ratio_results(table).to_pylist()
    assert row["p_value"] == pytest.approx(0.035240, abs=1e-6)
    assert row["holm_p_value"] == row["p_value"]
    assert row["degrees_of_freedom"] == 1
    assert row["unit_count"] == 20300
    assert row["is_sample_ratio_mismatch"] is False
    (strict,) = sample_ratio_results(table, alert_below=0.05).to_pylist()
    assert strict["is_sample_ratio_mismatch"] is True


def test_published_users_of_tea_tasting():
    (row,) = sample_ratio_results(
        exposures(("A", 0.5, 2023), ("B", 0.5, 1977))
    ).to_pylist()
    expected = stats.chisquare([2023, 1977]).pvalue
    assert row["p_value"] == pytest.approx(expected, rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 9), st.one_of(st.integers(0, 12), st.integers(0, 10**5))
        ),
        min_size=2,
        max_size=5,
    )
)
def test_agrees_with_scipy(arms):
    shares = np.array([share for share, _ in arms], dtype=float)
    shares /= shares.sum()
    units = np.array([unit for _, unit in arms])
    named = [(f"v{i}", *arm) for i, arm in enumerate(zip(shares, units, strict=True))]
    (row,) = sample_ratio_results(exposures(*named)).to_pylist()
    total = int(units.sum())
    if total == 0:
        assert row["status"] == "no exposures"
    elif (shares * total).min() < 5:
        assert row["method"] == "exact_binomial"
        tails = [
            2 * stats.binomtest(int(unit), total, share, alternative=side).pvalue
            for unit, share in zip(units, shares, strict=True)
            for side in ("less", "greater")
        ]
        factor = len(arms) if len(arms) > 2 else 1
        expected = min(1, factor * min(tails))
        assert row["p_value"] == pytest.approx(expected, rel=1e-6, abs=1e-300)
        assert row["statistic"] is None
    else:
        assert row["method"] == "chi_square"
        expected = stats.chisquare(units, shares * total)
        assert row["statistic"] == pytest.approx(expected.statistic, abs=1e-9)
        assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-300)


@pytest.mark.parametrize(
    ("arms", "p_value"),
    [
        # 2 / 2^8: all eight on one side.
        ([("A", 0.5, 8), ("B", 0.5, 0)], 2 / 2**8),
        # Four of four with the share of one in a hundred; twice that tail.
        ([("A", 0.99, 0), ("B", 0.01, 4)], 2 * 0.01**4),
        # No unit in the small arm is no surprise.
        ([("A", 0.99, 8), ("B", 0.01, 0)], 1),
        # All four in one arm of three: 3 * 2 * 0.3^4.
        ([("A", 0.3, 0), ("B", 0.3, 4), ("C", 0.4, 0)], 6 * 0.3**4),
    ],
)
def test_few_units_by_hand(arms, p_value):
    (row,) = sample_ratio_results(exposures(*arms)).to_pylist()
    assert row["p_value"] == pytest.approx(p_value)
    assert row["is_sample_ratio_mismatch"] == (p_value < 0.001)


def test_days_are_corrected_among_themselves():
    days = [
        exposures(("A", 0.5, 500), ("B", 0.5, units), scope="day", scope_value=value)
        for value, units in [("2011-01-01", 510), ("2011-01-02", 610)]
    ]
    whole = exposures(("A", 0.5, 1000), ("B", 0.5, 1120))
    other = exposures(("A", 0.5, 9), ("B", 0.5, 90), experiment_id="f")
    table = pa.concat_tables([other, *days, whole])
    rows = sample_ratio_results(table).to_pylist()
    assert [row["scope_value"] for row in rows] == [
        "all",
        "2011-01-01",
        "2011-01-02",
        "all",
    ]
    for row in (rows[0], rows[3]):
        assert row["holm_p_value"] == row["p_value"]
    assert rows[1]["holm_p_value"] == rows[1]["p_value"]
    assert rows[2]["holm_p_value"] == pytest.approx(2 * rows[2]["p_value"])
    # 0.00095 is below the alert's 0.001; twice that is not.
    assert rows[2]["p_value"] < 0.001 < rows[2]["holm_p_value"]
    assert rows[2]["is_sample_ratio_mismatch"] is False
    backwards = table.take(list(range(table.num_rows))[::-1])
    assert sample_ratio_results(backwards).to_pylist() == rows


@pytest.mark.parametrize(
    ("arms", "status"),
    [
        ([("A", 0.5, 10), ("B", None, 10)], "planned weight missing"),
        ([("A", 50.0, 10), ("B", 50.0, 10)], "planned weights do not sum to 1"),
        ([("A", 1.0, 10), ("B", 0.0, 10)], "one variant"),
        ([("A", 0.5, 0), ("B", 0.5, 0)], "no exposures"),
        ([("A", 0.5, 4), ("B", 0.5, 3)], "ok"),
        ([("A", 1 / 3, 40), ("B", 1 / 3, 30), ("C", 1 / 3, 30)], "ok"),
    ],
)
def test_status_says_why_there_is_no_test(arms, status):
    (row,) = sample_ratio_results(exposures(*arms)).to_pylist()
    assert row["status"] == status
    assert (row["p_value"] is not None) == (status == "ok")
    assert (row["holm_p_value"] is not None) == (status == "ok")
    assert (row["is_sample_ratio_mismatch"] is not None) == (status == "ok")


def test_no_exposures_give_an_empty_table():
    empty = sample_ratio_results(exposures(("A", 1.0, 1)).slice(0, 0))
    assert empty.num_rows == 0
    assert empty.schema == SAMPLE_RATIO_SCHEMA


@pytest.mark.parametrize(
    ("arms", "message"),
    [
        ([("A", -0.5, 1), ("B", 1.5, 1)], r"planned_weight == -0\.5 \(.*variant 'A'"),
        ([("A", float("inf"), 1)], "planned_weight == inf"),
        ([("A", 0.5, -1)], "unit_count == -1"),
        ([("A", 0.5, 1), ("A", 0.5, 1)], "must be unique"),
        ([(None, 0.5, 1)], "variant has 1 nulls"),
    ],
)
def test_bad_exposures_are_named(arms, message):
    with pytest.raises(ValueError, match=message):
        sample_ratio_results(exposures(*arms))


def test_alert_lies_between_0_and_1():
    with pytest.raises(ValueError, match=r"alert_below == 0, must be > 0 and < 1\."):
        sample_ratio_results(exposures(("A", 1.0, 1)), alert_below=0)


@pytest.mark.parametrize(("units", "least"), [(2000, 0.036), (14, 0)])
def test_false_alarms_are_as_rare_as_promised(units, least):
    # 4,000 experiments of three arms: four binomial standard errors of a share of 5 %
    # are 1.4 points; the exact test of few units may only err to the safe side.
    weights = np.array([0.5, 0.3, 0.2])
    drawn = np.random.default_rng(6).multinomial(units, weights, size=4000)
    table = pa.table(
        {
            "experiment_id": np.repeat([f"{n:04d}" for n in range(4000)], 3),
            "scope": ["all"] * 12000,
            "scope_value": ["all"] * 12000,
            "variant": ["A", "B", "C"] * 4000,
            "planned_weight": np.tile(weights, 4000),
            "unit_count": drawn.ravel(),
        }
    )
    found = np.array(sample_ratio_results(table)["p_value"])
    assert least <= (found < 0.05).mean() <= 0.064
