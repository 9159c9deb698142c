import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from mercato.contingency import (
    RESULTS_SCHEMA,
    SAMPLE_RATIO_SCHEMA,
    chi_square_results,
    sample_ratio_results,
)


def contingency(*arms, experiment_id="e", metric_id="m"):
    """Lay out (variant, is_control, exposed, converted) as a contingency table."""
    names = ("variant", "is_control", "exposed_count", "converted_count")
    return pa.Table.from_pylist(
        [
            {"experiment_id": experiment_id, "metric_id": metric_id}
            | dict(zip(names, arm, strict=True))
            for arm in arms
        ]
    )


def exposures(*arms, experiment_id="e"):
    """Lay out (variant, planned_weight, units) as a table of exposures."""
    names = ("variant", "planned_weight", "unit_count")
    return pa.Table.from_pylist(
        [
            {"experiment_id": experiment_id, "is_control": number == 0}
            | dict(zip(names, arm, strict=True))
            for number, arm in enumerate(arms)
        ]
    )


def results(*arms, **arguments):
    return chi_square_results(contingency(*arms), **arguments).to_pylist()


def test_published_two_variants():
    overall, pair = results(("A", True, 1000, 120), ("B", False, 1000, 150))
    assert pair["statistic"] == pytest.approx(3.853565, abs=1e-6)
    assert pair["p_value"] == pytest.approx(0.049640, abs=1e-6)
    assert pair["effect"] == pytest.approx(0.03)
    assert pair["effect_lower"] == pytest.approx(0.000014, abs=1e-6)
    assert pair["effect_upper"] == pytest.approx(0.060008, abs=1e-6)
    assert pair["relative_effect"] == pytest.approx(0.25)
    assert pair["cramers_v"] == pytest.approx(np.sqrt(3.853565 / 2000), abs=1e-6)
    assert pair["minimum_expected_count"] == 135
    assert (pair["variant"], pair["control_variant"]) == ("B", "A")
    assert (pair["method"], pair["correction"]) == ("chi_square", "none")
    assert overall["comparison"] == "all variants"
    assert overall["p_value"] == pair["p_value"]
    assert overall["exposed_count"] == 2000


def test_published_three_variants():
    overall, *pairs = results(
        ("A", True, 1000, 120), ("B", False, 1000, 150), ("C", False, 1000, 135)
    )
    assert overall["p_value"] == pytest.approx(0.145616, abs=1e-6)
    assert overall["degrees_of_freedom"] == 2
    assert [pair["variant"] for pair in pairs] == ["B", "C"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.floats(0, 1)), min_size=2, max_size=5)
)
def test_any_table_agrees_with_scipy_and_statsmodels(arms):
    counts = [(exposed, round(exposed * share)) for exposed, share in arms]
    named = [(f"v{i}", i == 0, *arm) for i, arm in enumerate(counts)]
    overall, *pairs = results(*named)
    table = np.array([(hits, units - hits) for units, hits in counts])
    compare_with_scipy(overall, table)
    for pair, row in zip(pairs, table[1:], strict=True):
        compare_with_scipy(pair, np.array([row, table[0]]))
        interval = confint_proportions_2indep(
            row[0], row.sum(), table[0, 0], table[0].sum(), method="newcomb"
        )
        found = (pair["effect_lower"], pair["effect_upper"])
        assert found == pytest.approx(interval, abs=1e-9)


def compare_with_scipy(result, table):
    if (table.sum(axis=0) == 0).any():
        assert result["status"] == "no variation"
        assert result["p_value"] is None
        return
    expected = stats.chi2_contingency(table, correction=False)
    p_value = expected.pvalue
    small = expected.expected_freq.min() < 5
    if small and len(table) == 2:
        p_value = stats.fisher_exact(table).pvalue
        assert result["method"] == "fisher_exact"
        assert result["statistic"] is None
    else:
        assert result["method"] == "chi_square"
        assert result["statistic"] == pytest.approx(expected.statistic, abs=1e-9)
        assert result["status"] == ("small expected counts" if small else "ok")
    assert result["p_value"] == pytest.approx(p_value, rel=1e-6, abs=1e-12)
    association = stats.contingency.association(table, method="cramer")
    assert result["cramers_v"] == pytest.approx(association, abs=1e-9)
    least = expected.expected_freq.min()
    assert result["minimum_expected_count"] == pytest.approx(least)


def test_several_experiments_do_not_mix_and_row_order_does_not_matter():
    first = contingency(("A", True, 50, 3), ("B", False, 60, 9))
    second = contingency(("A", True, 900, 3), ("B", False, 8, 8), experiment_id="f")
    both = pa.concat_tables([second, first])
    together = chi_square_results(both)
    alone = [chi_square_results(table) for table in (first, second)]
    assert together.equals(pa.concat_tables(alone).combine_chunks())
    assert chi_square_results(both.take([3, 1, 0, 2])).equals(together)


def test_names_are_just_data():
    quoted = contingency(("Robert'); --", True, 90, 9), ('"B"\n', False, 90, 9))
    pair = chi_square_results(quoted).to_pylist()[1]
    assert (pair["control_variant"], pair["variant"]) == ("Robert'); --", '"B"\n')


def test_wider_confidence_gives_wider_interval():
    arms = (("A", True, 100, 12), ("B", False, 100, 15))
    narrow, wide = (results(*arms, confidence_level=level)[1] for level in (0.9, 0.99))
    assert wide["effect_lower"] < narrow["effect_lower"]
    assert wide["effect_upper"] > narrow["effect_upper"]


@pytest.mark.parametrize(
    ("arms", "statuses"),
    [
        ([("A", True, 9, 1)], ["one variant"]),
        ([("A", False, 9, 1)], ["one variant", "no control"]),
        ([("A", True, 9, 1), ("B", False, 0, 0)], ["no exposures"] * 2),
        ([("A", True, 0, 0), ("B", False, 0, 0)], ["no exposures"] * 2),
        ([("A", True, 9, 0), ("B", False, 9, 0)], ["no variation"] * 2),
        ([("A", True, 9, 9), ("B", False, 9, 9)], ["no variation"] * 2),
        ([("A", False, 9, 1), ("B", False, 9, 1)], ["ok"] + ["no control"] * 2),
        (
            [("A", True, 9, 1), ("B", True, 9, 2), ("C", False, 9, 2)],
            ["small expected counts", "several controls"],
        ),
    ],
)
def test_status_says_why_numbers_are_missing(arms, statuses):
    found = results(*arms)
    assert [row["status"] for row in found] == statuses
    for row in found:
        tested = row["status"] in ("ok", "small expected counts")
        assert (row["p_value"] is not None) == tested
        assert (row["method"] is not None) == tested


def test_variant_without_exposures_is_left_out_of_the_comparison_of_all():
    arms = [("A", True, 100, 20), ("B", False, 100, 30)]
    with_empty = results(*arms, ("C", False, 0, 0))
    assert with_empty[0] == results(*arms)[0]
    assert with_empty[2]["status"] == "no exposures"
    assert with_empty[2]["conversion_rate"] is None
    assert with_empty[2]["control_conversion_rate"] == 0.2


def test_no_relative_effect_on_a_control_rate_of_zero():
    pair = results(("A", True, 100, 0), ("B", False, 100, 30))[1]
    assert pair["relative_effect"] is None
    assert pair["effect"] == 0.3


def test_empty_contingency_gives_an_empty_table():
    empty = chi_square_results(contingency(("A", True, 1, 1)).slice(0, 0))
    assert empty.num_rows == 0
    assert empty.schema == RESULTS_SCHEMA


@pytest.mark.parametrize(
    ("arms", "message"),
    [
        ([("A", True, 5, 6)], r"converted_count == 6 \(.*variant 'A'\), must be <="),
        ([("A", True, -5, 0)], r"exposed_count == -5 \(experiment_id 'e'"),
        ([("A", True, 5, -1)], "converted_count == -1"),
        ([("A", True, 5, 1), ("A", False, 5, 1)], "variant == 'A' .* must be unique"),
        ([("A", True, None, 1)], "exposed_count has 1 nulls"),
        ([(None, True, 5, 1)], "variant has 1 nulls"),
        ([("A", None, 5, 1)], "is_control has 1 nulls"),
    ],
)
def test_bad_rows_are_named(arms, message):
    table = contingency(("other", False, 7, 1), *arms)
    with pytest.raises(ValueError, match=message):
        chi_square_results(table)


@pytest.mark.parametrize("level", [0, 1, -0.5, 95])
def test_confidence_level_lies_between_0_and_1(level):
    with pytest.raises(ValueError, match="confidence_level == "):
        results(("A", True, 5, 1), confidence_level=level)


def test_false_positives_and_interval_coverage_are_as_promised():
    # 4,000 simulated A/A experiments: the binomial standard error of a share of 5 % is
    # 0.34 points, and four of them are allowed.
    rng = np.random.default_rng(20)
    count = 4000
    ids = np.repeat([f"{number:05d}" for number in range(count)], 2)
    converted = rng.binomial(2000, 0.1, size=2 * count)
    table = pa.table(
        {
            "experiment_id": ids,
            "metric_id": ["m"] * (2 * count),
            "variant": ["A", "B"] * count,
            "is_control": [True, False] * count,
            "exposed_count": [2000] * (2 * count),
            "converted_count": converted,
        }
    )
    found = chi_square_results(table).to_pandas()
    pairs = found[found["comparison"] == "variant vs control"]
    covered = (pairs["effect_lower"] <= 0) & (pairs["effect_upper"] >= 0)
    assert (pairs["p_value"] < 0.05).mean() == pytest.approx(0.05, abs=0.014)
    assert covered.mean() == pytest.approx(0.95, abs=0.014)


def test_published_sample_ratio_leaves_out_the_arm_of_weight_0():
    table = exposures(("A", 0.5, 10000), ("B", 0.5, 10300), ("old", 0.0, 77))
    (row,) = sample_ratio_results(table).to_pylist()
    assert row["p_value"] == pytest.approx(0.035240, abs=1e-6)
    assert row["degrees_of_freedom"] == 1
    assert row["unit_count"] == 20300
    assert row["is_sample_ratio_mismatch"] is False
    (strict,) = sample_ratio_results(table, alert_below=0.05).to_pylist()
    assert strict["is_sample_ratio_mismatch"] is True


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(0, 10**5)), min_size=2, max_size=5
    )
)
def test_sample_ratio_agrees_with_scipy(arms):
    shares = np.array([share for share, _ in arms], dtype=float)
    shares /= shares.sum()
    units = np.array([unit for _, unit in arms])
    named = [(f"v{i}", *arm) for i, arm in enumerate(zip(shares, units, strict=True))]
    (row,) = sample_ratio_results(exposures(*named)).to_pylist()
    if units.sum() == 0:
        assert row["status"] == "no exposures"
        return
    expected = stats.chisquare(units, shares * units.sum())
    assert row["statistic"] == pytest.approx(expected.statistic, abs=1e-9)
    assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-300)


@pytest.mark.parametrize(
    ("arms", "status"),
    [
        ([("A", 0.5, 10), ("B", None, 10)], "planned weight missing"),
        ([("A", 50.0, 10), ("B", 50.0, 10)], "planned weights do not sum to 1"),
        ([("A", 1.0, 10), ("B", 0.0, 10)], "one variant"),
        ([("A", 0.5, 0), ("B", 0.5, 0)], "no exposures"),
        ([("A", 0.5, 4), ("B", 0.5, 3)], "small expected counts"),
        ([("A", 1 / 3, 40), ("B", 1 / 3, 30), ("C", 1 / 3, 30)], "ok"),
    ],
)
def test_sample_ratio_status(arms, status):
    (row,) = sample_ratio_results(exposures(*arms)).to_pylist()
    assert row["status"] == status
    tested = status in ("ok", "small expected counts")
    assert (row["p_value"] is not None) == tested
    assert (row["is_sample_ratio_mismatch"] is not None) == tested


def test_empty_exposures_give_an_empty_table():
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
    ],
)
def test_bad_exposures_are_named(arms, message):
    with pytest.raises(ValueError, match=message):
        sample_ratio_results(exposures(*arms))


def test_alert_lies_between_0_and_1():
    with pytest.raises(ValueError, match=r"alert_below == 0, must be > 0 and < 1\."):
        sample_ratio_results(exposures(("A", 1.0, 1)), alert_below=0)
