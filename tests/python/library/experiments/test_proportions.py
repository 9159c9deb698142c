import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportions_ztest,
)

from mercato.experiments.comparisons import result_columns
from mercato.experiments.proportions import newcombe, two_proportions
from mercato.experiments.statistics import pair, read_arms


@pytest.fixture
def tested(counted_of, statistics_of):
    """Give the way to compare (units, converted) of the control and of variants."""

    def tested(*arms, level=0.95, controls=(0,)):
        named = [
            counted_of(chr(97 + number), number in controls, *arm)
            for number, arm in enumerate(arms)
        ]
        read = read_arms(statistics_of(*named))
        pairs = pair(read)
        columns = result_columns(two_proportions(read, pairs, level), level)
        size = len(pairs.treated)
        return [
            {
                name: column[row] if isinstance(column, np.ndarray) else column
                for name, column in columns.items()
            }
            for row in range(size)
        ]

    return tested


def test_published_two_variants(tested):
    (row,) = tested((1000, 120), (1000, 150))
    assert row["statistic"] == pytest.approx(1.963050, abs=1e-6)
    assert row["p_value"] == pytest.approx(0.049640, abs=1e-6)
    assert row["effect"] == pytest.approx(0.03)
    assert row["effect_lower"] == pytest.approx(0.000014, abs=1e-6)
    assert row["effect_upper"] == pytest.approx(0.060008, abs=1e-6)
    assert row["relative_effect"] == pytest.approx(0.25)
    assert row["cramers_v"] == pytest.approx(np.sqrt(3.853565 / 2000), abs=1e-6)
    assert row["minimum_expected_count"] == 135
    assert (row["method"], row["correction"]) == ("two_proportion", "none")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.floats(0, 1)), min_size=2, max_size=4)
)
def test_newcombe_agrees_with_statsmodels(shares):
    units = np.array([units for units, _ in shares])
    hits = np.array([round(count * share) for count, share in shares])
    tables = np.array(
        [
            [[hits[arm], units[arm] - hits[arm]], [hits[0], units[0] - hits[0]]]
            for arm in range(1, len(units))
        ]
    )
    for level in (0.9, 0.95):
        lower, upper = newcombe(tables, level)
        for row, table in enumerate(tables):
            interval = confint_proportions_2indep(
                table[0, 0],
                table[0].sum(),
                table[1, 0],
                table[1].sum(),
                method="newcomb",
                alpha=1 - level,
            )
            assert (lower[row], upper[row]) == pytest.approx(interval, abs=1e-9)


@pytest.mark.parametrize(
    ("control", "variant"),
    [((1000, 120), (500, 80)), ((50, 10), (45, 30)), ((10**6, 400), (10**6, 460))],
)
def test_large_counts_agree_with_statsmodels(tested, control, variant):
    (row,) = tested(control, variant)
    statistic, p_value = proportions_ztest(
        [variant[1], control[1]], [variant[0], control[0]]
    )
    assert row["statistic"] == pytest.approx(statistic, rel=1e-9)
    assert row["p_value"] == pytest.approx(p_value, rel=1e-9)
    lower, upper = confint_proportions_2indep(
        variant[1], variant[0], control[1], control[0], compare="ratio", method="log"
    )
    assert row["relative_effect_lower"] == pytest.approx(lower - 1, rel=1e-6)
    assert row["relative_effect_upper"] == pytest.approx(upper - 1, rel=1e-6)
    rate, control_rate = variant[1] / variant[0], control[1] / control[0]
    error = (
        rate * (1 - rate) / variant[0]
        + control_rate * (1 - control_rate) / (control[0])
    )
    assert row["standard_error"] == pytest.approx(np.sqrt(error))


@pytest.mark.parametrize(
    ("control", "variant"), [((20, 1), (20, 6)), ((5, 5), (5, 0)), ((900, 0), (9, 1))]
)
def test_small_counts_agree_with_fisher(tested, control, variant):
    (row,) = tested(control, variant)
    table = [[hits, units - hits] for units, hits in (variant, control)]
    assert row["method"] == "fisher_exact"
    assert row["status"] == "ok"
    assert row["p_value"] == pytest.approx(stats.fisher_exact(table).pvalue)
    assert np.isnan(row["statistic"])
    lower, upper = newcombe(np.array([table]), 0.95)
    assert (row["effect_lower"], row["effect_upper"]) == (lower[0], upper[0])


def test_swapping_the_arms_turns_the_sign(tested):
    (there,) = tested((1000, 120), (700, 110))
    (back,) = tested((700, 110), (1000, 120))
    for name in ("effect", "statistic"):
        assert back[name] == pytest.approx(-there[name])
    assert back["effect_lower"] == pytest.approx(-there["effect_upper"])
    assert back["p_value"] == pytest.approx(there["p_value"])
    assert 1 + back["relative_effect_lower"] == pytest.approx(
        1 / (1 + there["relative_effect_upper"])
    )


def test_counting_who_did_not_convert_turns_the_sign(tested):
    (did,) = tested((1000, 120), (700, 110))
    (did_not,) = tested((1000, 880), (700, 590))
    assert did_not["effect"] == pytest.approx(-did["effect"])
    assert did_not["effect_upper"] == pytest.approx(-did["effect_lower"])
    assert did_not["p_value"] == pytest.approx(did["p_value"])


def test_wider_confidence_gives_wider_interval(tested):
    (narrow,), (wide,) = (
        tested((100, 12), (100, 15), level=level) for level in (0.9, 0.99)
    )
    assert wide["effect_lower"] < narrow["effect_lower"]
    assert wide["effect_upper"] > narrow["effect_upper"]


@pytest.mark.parametrize(
    ("arms", "controls", "statuses"),
    [
        ([(9, 1)], (), ["no control"]),
        ([(9, 1), (0, 0)], (0,), ["no exposures"]),
        ([(9, 0), (9, 0)], (0,), ["no variation"]),
        ([(9, 9), (9, 9)], (0,), ["no variation"]),
        ([(9, 1), (9, 1)], (), ["no control", "no control"]),
        ([(9, 1), (9, 2), (9, 2)], (0, 1), ["several controls"]),
    ],
)
def test_status_says_why_there_is_no_test(tested, arms, controls, statuses):
    rows = tested(*arms, controls=controls)
    assert [row["status"] for row in rows] == statuses
    for row in rows:
        for name in ("p_value", "statistic", "effect_lower", "standard_error"):
            assert np.isnan(row[name])
        if "control" in row["status"]:
            assert np.isnan(row["control_value"])
            assert np.isnan(row["effect"])


def test_no_relative_effect_on_a_control_rate_of_zero(tested):
    (row,) = tested((100, 0), (100, 30))
    assert np.isnan(row["relative_effect"])
    assert row["effect"] == 0.3


@pytest.mark.parametrize("level", [0, 1, -0.5, 95])
def test_confidence_level_lies_between_0_and_1(level):
    with pytest.raises(ValueError, match="confidence_level == "):
        newcombe(np.ones((1, 2, 2)), level)


def test_false_positives_and_coverage_are_as_promised(counted_of, statistics_of):
    # 4,000 simulated experiments: four binomial standard errors of a share of 5 % are
    # 1.4 points.
    random = np.random.default_rng(20)
    count = 4000
    hits = random.binomial(2000, [[0.1, 0.1, 0.12]], size=(count, 3))
    arms = [
        counted_of("abc"[arm], arm == 0, 2000, int(hits[row, arm]), metric_id=f"{row}")
        for row in range(count)
        for arm in range(3)
    ]
    read = read_arms(statistics_of(*arms))
    pairs = pair(read)
    columns = result_columns(two_proportions(read, pairs, 0.95), 0.95)
    is_same = read.rows["variant"].take(pairs.treated).to_numpy() == "b"
    assert (columns["p_value"][is_same] < 0.05).mean() == pytest.approx(0.05, abs=0.014)
    for same, effect, change in ((is_same, 0, 0), (~is_same, 0.02, 0.2)):
        for name, truth in (("effect", effect), ("relative_effect", change)):
            covered = (columns[f"{name}_lower"] <= truth) & (
                columns[f"{name}_upper"] >= truth
            )
            assert covered[same].mean() == pytest.approx(0.95, abs=0.014)
