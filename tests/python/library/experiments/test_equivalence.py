import numpy as np
import pytest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from mercato.experiments.comparisons import Comparison, result_columns
from mercato.experiments.effects import Estimates
from mercato.experiments.equivalence import (
    equivalence,
    guardrails,
    non_inferiority,
    ratio_bounds,
)

MARGIN = 0.1


def estimates_of(treated, control, freedom=np.inf):
    return Estimates(
        *(
            np.atleast_1d(number)
            for sample in (treated, control)
            for number in (sample.mean(-1), sample.var(-1, ddof=1) / sample.shape[-1])
        ),
        np.full(np.atleast_1d(treated.mean(-1)).shape, freedom),
    )


@pytest.fixture
def samples():
    rng = np.random.default_rng(1)
    return rng.normal(10.2, 3, 400), rng.normal(10, 2, 300)


@pytest.mark.parametrize("ratio", [1 - MARGIN, 1 + MARGIN])
def test_agrees_with_statsmodels_on_a_scaled_control(samples, ratio):
    treated, control = samples
    means = CompareMeans(DescrStatsW(treated), DescrStatsW(ratio * control))
    side = "larger" if ratio < 1 else "smaller"
    z, p_value = means.ztest_ind(alternative=side, usevar="unequal")
    test = non_inferiority(
        estimates_of(*samples), np.array([MARGIN]), np.array([ratio < 1])
    )
    assert test.statistic == pytest.approx(abs(z))
    assert test.p_value == pytest.approx(p_value)
    # Welch's degrees of freedom, which the scaling of the control changes a little.
    _, p_value, freedom = means.ttest_ind(alternative=side, usevar="unequal")
    test = non_inferiority(
        estimates_of(*samples, freedom), np.array([MARGIN]), np.array([ratio < 1])
    )
    assert test.p_value == pytest.approx(p_value)


def test_equivalence_is_the_worse_of_two_tests(samples):
    treated, control = samples
    descriptions = [DescrStatsW(x) for x in (treated, 0.9 * control, 1.1 * control)]
    above = CompareMeans(descriptions[0], descriptions[1])
    below = CompareMeans(descriptions[0], descriptions[2])
    expected = max(
        above.ztest_ind(alternative="larger", usevar="unequal")[1],
        below.ztest_ind(alternative="smaller", usevar="unequal")[1],
    )
    test = equivalence(estimates_of(*samples), np.array([MARGIN]))
    assert test.p_value == pytest.approx(expected)


def test_control_known_exactly_is_the_test_of_an_absolute_margin(samples):
    treated, _ = samples
    known = Estimates(
        *(
            np.array([number])
            for number in (treated.mean(), treated.var(ddof=1) / 400, 10, 0, 399)
        )
    )
    expected = DescrStatsW(treated).ttost_mean(9, 11)[0]
    test = equivalence(known, np.array([MARGIN]))
    assert test.p_value == pytest.approx(expected)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_bounds_lie_where_the_test_just_rejects(samples, level):
    estimates = estimates_of(*samples, 600.0)
    lower, upper = ratio_bounds(estimates, level)
    test = non_inferiority(estimates, np.maximum(-lower, 0), np.array([True]))
    assert test.p_value == pytest.approx(1 - level) or lower > 0
    test = non_inferiority(estimates, upper, np.array([False]))
    assert test.p_value == pytest.approx(1 - level)


def test_swapping_arms_and_scaling(samples):
    treated, control = samples
    lower, upper = ratio_bounds(estimates_of(treated, control), 0.95)
    swapped = ratio_bounds(estimates_of(control, treated), 0.95)
    assert 1 / (1 + swapped[0]) - 1 == pytest.approx(upper)
    assert 1 / (1 + swapped[1]) - 1 == pytest.approx(lower)
    scaled = ratio_bounds(estimates_of(7 * treated, 7 * control), 0.95)
    assert scaled[0] == pytest.approx(lower)
    up, margin = np.array([True]), np.array([MARGIN])
    plain = non_inferiority(estimates_of(treated, control), margin, up)
    scaled = non_inferiority(estimates_of(7 * treated, 7 * control), margin, up)
    assert scaled.p_value == pytest.approx(plain.p_value)


@pytest.mark.parametrize(("sign", "is_increase_good"), [(-1, True), (1, False)])
def test_errors_at_the_margin_and_coverage(sign, is_increase_good):
    # At the boundary of the null hypothesis 5 % are called non-inferior.
    rng = np.random.default_rng(2)
    runs, units = 20_000, 50
    control = rng.normal(10, 3, (runs, units))
    treated = rng.normal(10 * (1 + sign * MARGIN), 3, (runs, units))
    estimates = estimates_of(treated, control, 2 * units - 2.0)
    error = 3 * np.sqrt(0.05 * 0.95 / runs)
    test = non_inferiority(
        estimates, np.full(runs, MARGIN), np.full(runs, is_increase_good)
    )
    assert (test.p_value < 0.05).mean() == pytest.approx(0.05, abs=error)
    for bound, side in zip(ratio_bounds(estimates, 0.95), (1, -1), strict=True):
        missed = (side * bound > side * sign * MARGIN).mean()
        assert missed == pytest.approx(0.05, abs=error)
    # Equivalence asks for more.
    both = equivalence(estimates, np.full(runs, MARGIN))
    assert (both.p_value >= test.p_value).all()


def test_guardrails_as_results(samples):
    comparison = Comparison(
        "welch",
        "difference of means",
        estimates_of(*samples, 600.0),
        np.array(["ok"], dtype=object),
        {},
    )
    margin, up = np.array([MARGIN]), np.array([True])
    worse, same = (
        result_columns(test, 0.95)
        for test in guardrails(comparison, margin, up, level=0.95)
    )
    assert (worse["method"], same["method"]) == ("non_inferiority", "equivalence")
    assert worse["p_value"] < 0.05
    assert worse["relative_effect_lower"] > -MARGIN
    assert worse["margin"] == MARGIN
    assert worse["effect"] == pytest.approx(samples[0].mean() - samples[1].mean())
    two_sided = result_columns(comparison, 0.9)
    assert worse["effect_lower"] == two_sided["effect_lower"]


@pytest.mark.filterwarnings("error")
def test_what_is_undefined():
    estimates = Estimates(
        value=np.array([1.0, 1.0, 1.0, np.nan, 1.0, 1.0]),
        variance=np.array([0.1, 0.1, 0.0, np.nan, 0.1, 0.1]),
        control_value=np.array([0.0, -1.0, 1.0, 1.0, 1.0, 1.0]),
        control_variance=np.array([0.1, 0.1, 0.0, 0.1, 0.1, 9.0]),
        degrees_of_freedom=np.full(6, 50.0),
    )
    margin = np.array([MARGIN, MARGIN, MARGIN, MARGIN, np.nan, MARGIN])
    undefined = [True, True, True, True, True, False]
    test = non_inferiority(estimates, margin, np.full(6, True))
    assert np.isnan(test.p_value).tolist() == undefined
    assert np.isnan(equivalence(estimates, margin).statistic).tolist() == undefined
    known = np.isfinite(ratio_bounds(estimates, 0.95)[0])
    assert known.tolist() == [False, False, False, False, True, False]
    status = np.array(["ok"] * 3 + ["no exposures"] + ["ok"] * 2, dtype=object)
    comparison = Comparison("welch", "difference of means", estimates, status, {})
    for rows in guardrails(comparison, margin, np.full(6, True), level=0.95):
        assert rows.status.tolist() == [
            "control value not above 0",
            "control value not above 0",
            "ok",
            "no exposures",
            "no margin",
            "ok",
        ]


def test_bad_arguments():
    estimates = Estimates(*np.ones((5, 1)))
    with pytest.raises(ValueError, match=r"margin == -0.1, must be >= 0"):
        equivalence(estimates, np.array([-0.1]))
    comparison = Comparison("welch", "", estimates, np.array(["ok"]), {})
    with pytest.raises(ValueError, match=r"level == 0.5, must be > 0.5 and < 1"):
        guardrails(comparison, np.array([0.1]), np.array([True]), level=0.5)
