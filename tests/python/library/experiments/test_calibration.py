"""Methods on populations whose truth is known, and methods that are broken."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mercato.experiments.calibration import (
    CALIBRATION_SCHEMA,
    calibrate,
    calibrate_sample_ratio,
)
from mercato.experiments.comparisons import compared, result_columns
from mercato.experiments.means import estimates_of, mean_estimates
from mercato.experiments.populations import read_populations
from mercato.experiments.results import of_pairs
from mercato.experiments.statistics import pair, read_arms

UNITS = 400
SIMULATIONS = 1500
Y = np.random.default_rng(1).normal(10, 3, UNITS)


def population_of(y, kind="mean", metric_id="m", unit=1.0):
    y = np.asarray(y, dtype=float)
    random = np.random.default_rng(7)
    size = len(y)
    rows = {
        "metric_id": [metric_id] * size,
        "metric_kind": [kind] * size,
        "direction": ["increase"] * size,
        "unit_id": [f"{unit:05d}" for unit in range(size)],
        "stratum": ["old" if unit % 3 == 0 else "new" for unit in range(size)],
        "day_number": random.integers(0, 28, size),
        "y": unit * y,
        "d": np.zeros(size),
        "x": unit * (y + random.normal(0, 1, size)),
        "w": np.zeros(size),
    }
    (population,) = read_populations(pa.table(rows))
    return population


def rows_of(table):
    return {(row["method"], row["scenario"]): row for row in table.to_pylist()}


@pytest.fixture(scope="module")
def normal():
    """What methods do with a normal metric, for which they are all made."""
    return rows_of(calibrate(population_of(Y), simulation_count=SIMULATIONS, seed=1))


def is_near(row, name, expected):
    """Within the binomial error of so many experiments, at four deviations."""
    error = np.sqrt(expected * (1 - expected) / row["tested_count"])
    return abs(row[name] - expected) < 4 * error


@pytest.mark.parametrize(
    "method", ["welch", "cuped", "post_stratified", "bayesian_normal", "welch_anova"]
)
def test_methods_do_what_they_promise_on_a_normal_metric(normal, method):
    row = normal[method, "A/A"]
    assert row["tested_count"] == row["simulation_count"] == SIMULATIONS
    assert row["planted_relative_effect"] == 0
    assert row["is_as_promised"]
    assert is_near(row, "rejection_rate", 0.05)
    if method != "welch_anova":
        assert is_near(row, "coverage", 0.95)
        assert is_near(normal[method, "A/B"], "coverage", 0.95)


def test_power_is_what_the_effect_was_planted_for(normal):
    row = normal["welch", "A/B"]
    assert is_near(row, "rejection_rate", 0.8)
    assert row["nominal_rate"] is None
    assert normal["cuped", "A/B"]["rejection_rate"] > 0.95
    assert normal["cuped", "A/B"]["mean_interval_width"] < row["mean_interval_width"]


def test_the_width_is_that_of_the_interval(normal):
    expected = 2 * stats.norm.isf(0.025) * Y.std() * np.sqrt(2 / (UNITS / 2))
    width = normal["welch", "A/A"]["mean_interval_width"]
    assert width == pytest.approx(expected, rel=0.01)


def test_looking_daily_needs_a_confidence_sequence(normal):
    row = normal["confidence_sequence", "A/A"]
    assert row["rejection_rate"] <= 0.05
    assert row["coverage"] >= 0.95
    assert row["is_as_promised"]
    warning = normal["fixed_looks_daily", "A/A"]
    assert warning["rejection_rate"] > 0.15
    assert (warning["is_offered"], warning["is_as_promised"]) == (False, False)


def test_segments_differ_by_chance_alone(normal):
    assert is_near(normal["cochran_q", "A/A"], "rejection_rate", 0.05)
    assert ("cochran_q", "A/B") not in normal


def test_bounds_are_wilson_s(normal):
    row = normal["welch", "A/A"]
    hits = round(row["rejection_rate"] * SIMULATIONS)
    expected = stats.binomtest(hits, SIMULATIONS).proportion_ci(0.99, method="wilson")
    assert row["rejection_rate_lower"] == pytest.approx(expected.low)
    assert row["rejection_rate_upper"] == pytest.approx(expected.high)


def test_rare_conversions_are_tested_exactly():
    y = np.zeros(UNITS)
    y[:5] = 1
    found = calibrate(population_of(y, "proportion"), simulation_count=500, seed=1)
    rows = rows_of(found)
    assert not any(method == "fisher_exact" for method, _ in rows)
    # An exact test of few conversions finds less than it might.
    row = rows["two_proportion", "A/A"]
    assert row["rejection_rate"] < 0.05
    assert row["is_as_promised"]
    assert rows["two_proportion", "A/B"]["planted_relative_effect"] == 3


def misjudging(factor):
    """Give a test that takes the variance of the control for so many times larger."""

    def analyse(statistics):
        arms = read_arms(statistics)
        pairs = pair(arms)
        estimates = estimates_of(arms, pairs, *mean_estimates(arms))
        wrong = factor * estimates.control_variance
        estimates = estimates._replace(control_variance=wrong)
        comparison = compared("welch", "difference of means", arms, pairs, estimates)
        return of_pairs(arms, pairs, result_columns(comparison, 0.95))

    return analyse


def test_a_test_that_forgets_the_variance_of_an_arm_is_caught():
    found = calibrate(
        population_of(Y), simulation_count=SIMULATIONS, seed=1, analyses=[misjudging(0)]
    )
    rows = rows_of(found)
    # Its standard error is too small by the square root of 2.
    rate = 2 * stats.norm.sf(stats.norm.isf(0.025) / np.sqrt(2))
    assert is_near(rows["welch", "A/A"], "rejection_rate", rate)
    assert is_near(rows["welch", "A/A"], "coverage", 1 - rate)
    for scenario in ("A/A", "A/B"):
        assert rows["welch", scenario]["is_as_promised"] is False


def test_a_test_that_finds_nothing_keeps_its_promise_but_has_no_power():
    found = calibrate(
        population_of(Y), simulation_count=200, seed=1, analyses=[misjudging(1e6)]
    )
    rows = rows_of(found)
    assert rows["welch", "A/A"]["is_as_promised"]
    assert rows["welch", "A/B"]["rejection_rate"] == 0


def test_units_of_measure_cancel():
    y = np.random.default_rng(2).gamma(0.5, 4, UNITS)
    here, there = (
        rows_of(calibrate(population_of(y, unit=unit), simulation_count=300, seed=1))
        for unit in (1, 1024)
    )
    assert here.keys() == there.keys()
    for key, row in here.items():
        assert there[key]["rejection_rate"] == row["rejection_rate"]
        assert there[key]["coverage"] == row["coverage"]
        if row["mean_interval_width"] is not None:
            expected = 1024 * row["mean_interval_width"]
            assert there[key]["mean_interval_width"] == pytest.approx(expected)


def test_the_seed_and_the_metric_decide():
    y = np.random.default_rng(2).gamma(0.5, 4, 100)
    first, again, seed, metric = (
        calibrate(population_of(y, metric_id=name), simulation_count=50, seed=seed)
        for name, seed in (("m", 1), ("m", 1), ("m", 2), ("n", 1))
    )
    assert first.equals(again)
    assert first.schema == CALIBRATION_SCHEMA
    assert not first.equals(seed)
    assert first["rejection_rate"] != metric["rejection_rate"]


@pytest.mark.parametrize("y", [[1.0], [2.0, 2.0, 2.0]])
def test_what_has_no_numbers_has_no_rows(y):
    assert calibrate(population_of(y), simulation_count=20, seed=1).num_rows == 0


def test_planned_shares():
    (row,) = calibrate_sample_ratio(1000, simulation_count=4000, seed=1).to_pylist()
    assert (row["metric_id"], row["method"]) == ("(units)", "sample_ratio")
    # What a fair coin does, exactly: of 1,000 throws 469 or less, or 531 or more.
    rate = 2 * stats.binom.cdf(469, 1000, 0.5)
    assert (
        stats.chisquare([469, 531]).pvalue < 0.05 < stats.chisquare([470, 530]).pvalue
    )
    assert is_near(row, "rejection_rate", rate)
    assert row["is_as_promised"]
    assert row["coverage"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"simulation_count": 0}, r"simulation_count == 0, must be >= 1\."),
        ({"confidence_level": 1}, r"confidence_level == 1, must be > 0 and < 1\."),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    arguments = {"simulation_count": 1, "seed": 1} | arguments
    with pytest.raises(ValueError, match=message):
        calibrate(population_of([1.0, 2.0]), **arguments)
    with pytest.raises(ValueError, match=message):
        calibrate_sample_ratio(10, **arguments)


def test_no_units_have_no_shares():
    with pytest.raises(ValueError, match=r"unit_count == 0, must be >= 1\."):
        calibrate_sample_ratio(0, simulation_count=1, seed=1)
