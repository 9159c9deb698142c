import numpy as np
import pytest
import tea_tasting
from scipy import stats
from statsmodels.stats.oneway import anova_oneway

from mercato.experiments.comparisons import result_columns
from mercato.experiments.means import (
    mean_estimates,
    welch,
    welch_anova,
    welch_anova_results,
)
from mercato.experiments.results import RESULTS_SCHEMA
from mercato.experiments.statistics import pair, read_arms


@pytest.fixture
def arms_of(arm_of, statistics_of):
    """Give the way to read the units of arms named a, b, ..., a being the control."""

    def arms_of(*samples):
        return read_arms(
            statistics_of(
                *(
                    arm_of(chr(97 + number), number == 0, np.asarray(y, dtype=float))
                    for number, y in enumerate(samples)
                )
            )
        )

    return arms_of


@pytest.fixture
def compared(arms_of):
    """Give the way to compare variants with the first sample."""

    def compared(*samples, level=0.95):
        arms = arms_of(*samples)
        return result_columns(welch(arms, pair(arms)), level)

    return compared


@pytest.fixture
def overall(arms_of):
    """Give the way to compare all samples at once."""

    def overall(*samples):
        arms = arms_of(*samples)
        (row,) = welch_anova_results(
            arms, *mean_estimates(arms), arms.count, "any"
        ).to_pylist()
        return row

    return overall


def test_by_hand(compared):
    # Means 2 and 5, variances 1 and 4 of three units each: the squared error is 1 / 3 +
    # 4 / 3, the degrees of freedom (5 / 3)^2 / ((1 / 9 + 16 / 9) / 2) = 50 / 17.
    columns = compared([1, 2, 3], [3, 5, 7])
    assert columns["effect"] == [3]
    assert columns["standard_error"] == pytest.approx([np.sqrt(5 / 3)])
    assert columns["degrees_of_freedom"] == pytest.approx([50 / 17])
    assert columns["statistic"] == pytest.approx([3 / np.sqrt(5 / 3)])
    assert columns["relative_effect"] == [1.5]


@pytest.mark.parametrize("sizes", [(2, 2), (3, 200), (40, 7), (1000, 1500)])
def test_agrees_with_scipy(compared, sizes):
    random = np.random.default_rng(sizes)
    control, variant = (random.gamma(1, 2 + n % 5, n) for n in sizes)
    columns = compared(control, variant, level=0.9)
    expected = stats.ttest_ind(variant, control, equal_var=False)
    assert columns["statistic"] == pytest.approx([expected.statistic], rel=1e-9)
    assert columns["p_value"] == pytest.approx([expected.pvalue], rel=1e-7)
    assert columns["degrees_of_freedom"] == pytest.approx([expected.df], rel=1e-9)
    interval = expected.confidence_interval(0.9)
    assert columns["effect_lower"] == pytest.approx([interval.low], rel=1e-7)
    assert columns["effect_upper"] == pytest.approx([interval.high], rel=1e-7)


@pytest.mark.parametrize(
    ("metric", "p_value"), [("orders", 0.117732), ("revenue", 0.123070)]
)
def test_published_users_of_tea_tasting(compared, metric, p_value):
    data = tea_tasting.make_users_data(rng=42, covariates=True)
    result = tea_tasting.Experiment(m=tea_tasting.Mean(metric)).analyze(data)["m"]
    users = data.to_pandas().groupby("variant")[metric]
    columns = compared(*(users.get_group(arm).to_numpy() for arm in (0, 1)))
    assert columns["p_value"] == pytest.approx([p_value], abs=1e-6)
    assert columns["p_value"] == pytest.approx([result.pvalue], rel=1e-9)
    assert columns["effect_lower"] == pytest.approx([result.effect_size_ci_lower])
    # Tea-tasting has degrees of freedom of their own for the logarithm.
    for side in ("lower", "upper"):
        expected = getattr(result, f"rel_effect_size_ci_{side}")
        assert columns[f"relative_effect_{side}"] == pytest.approx([expected], abs=1e-5)


def test_swapping_arms_turns_the_sign_and_units_of_measure_cancel(compared):
    random = np.random.default_rng(1)
    control, variant = random.gamma(2, 3, 50), random.gamma(2, 4, 80)
    there, back = compared(control, variant), compared(variant, control)
    assert back["effect"] == pytest.approx(-there["effect"])
    assert back["effect_lower"] == pytest.approx(-there["effect_upper"])
    assert back["p_value"] == pytest.approx(there["p_value"])
    scaled = compared(100 * control, 100 * variant)
    assert scaled["standard_error"] == pytest.approx(100 * there["standard_error"])
    for name in ("p_value", "relative_effect_lower", "relative_effect_upper"):
        assert scaled[name] == pytest.approx(there[name])
    shifted = compared(control + 1000, variant + 1000)
    assert shifted["p_value"] == pytest.approx(there["p_value"], rel=1e-6)


@pytest.mark.parametrize(
    ("samples", "status"),
    [
        (([1, 2, 3], []), "no exposures"),
        (([], []), "no exposures"),
        (([1, 2, 3], [4]), "too few units"),
        (([2, 2, 2], [3, 3]), "no variation"),
        (([2, 2, 2], [2, 3]), "ok"),
    ],
)
def test_status_says_why_there_is_no_test(compared, samples, status):
    columns = compared(*samples)
    assert columns["status"].tolist() == [status]
    for name in ("p_value", "statistic", "standard_error", "effect_lower"):
        assert np.isnan(columns[name]).all() == (status != "ok")


def test_effects_stand_where_there_is_no_test(compared):
    columns = compared([2, 2, 2], [3, 3])
    assert columns["effect"] == [1]
    assert columns["relative_effect"] == [0.5]
    assert np.isnan(columns["relative_effect_lower"]).all()


@pytest.mark.parametrize("sizes", [(5, 9), (4, 30, 12), (100, 50, 25, 12)])
def test_anova_agrees_with_statsmodels(overall, sizes):
    random = np.random.default_rng(sizes)
    samples = [random.normal(n % 3, 1 + n % 4, n) for n in sizes]
    expected = anova_oneway(samples, use_var="unequal", welch_correction=True)
    row = overall(*samples)
    assert row["statistic"] == pytest.approx(expected.statistic, rel=1e-9)
    assert row["degrees_of_freedom"] == pytest.approx(expected.df[1], rel=1e-9)
    assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-7)
    assert row["unit_count"] == sum(sizes)
    assert (row["comparison"], row["method"]) == ("all variants", "welch_anova")


def test_anova_of_two_arms_is_the_t_test(overall, compared):
    samples = [1.0, 4, 2, 8], [5.0, 7, 1, 9, 4]
    pairwise, row = compared(*samples), overall(*samples)
    assert row["statistic"] == pytest.approx(pairwise["statistic"][0] ** 2)
    assert row["p_value"] == pytest.approx(pairwise["p_value"][0])
    assert row["degrees_of_freedom"] == pytest.approx(pairwise["degrees_of_freedom"][0])


def test_anova_of_groups_is_that_of_each_alone():
    random = np.random.default_rng(2)
    group = np.repeat([0, 1, 2], [2, 4, 3])
    value, variance = random.normal(size=9), random.gamma(2, 1, 9)
    count = random.integers(2, 50, 9).astype(float)
    together = welch_anova(value, variance, count, group)
    for number in range(3):
        of = group == number
        alone = welch_anova(value[of], variance[of], count[of], group[of] - number)
        for whole, part in zip(together, alone, strict=True):
            assert whole[number] == pytest.approx(part[0])


@pytest.mark.parametrize(
    ("samples", "status"),
    [
        (([1, 2, 3],), "one variant"),
        (([1, 2, 3], []), "no exposures"),
        (([], []), "no exposures"),
        (([1, 2, 3], [4], [5, 6]), "too few units"),
        (([2, 2, 2], [3, 3], [1, 2]), "no variation"),
        (([1, 2, 3], [3, 4], []), "ok"),
    ],
)
def test_anova_says_why_there_is_no_test(overall, samples, status):
    row = overall(*samples)
    assert row["status"] == status
    for name in ("statistic", "degrees_of_freedom", "p_value"):
        assert (row[name] is None) == (status != "ok")


def test_anova_leaves_out_arms_without_units(overall):
    samples = [1.0, 4, 2, 8], [5.0, 7, 1, 9, 4]
    assert overall(*samples, []) == overall(*samples)
    assert overall([], *samples) == overall(*samples)


def test_no_arms_give_no_rows(arms_of):
    arms = arms_of()
    assert welch_anova_results(arms, *mean_estimates(arms), arms.count, "any").equals(
        RESULTS_SCHEMA.empty_table()
    )
    assert len(welch(arms, pair(arms)).status) == 0


def test_false_positives_and_coverage_are_as_promised():
    # 4,000 simulated experiments of three arms with unequal sizes and variances, of
    # skewed values: four binomial standard errors of a share of 5 % are 1.4 points.
    from mercato.experiments.effects import Estimates, interval, t_test
    from mercato.experiments.effects import welch_degrees_of_freedom as freedom_of

    random = np.random.default_rng(3)
    sizes = np.array([200, 150, 100])
    samples = [
        random.gamma(shape, 6 / shape, (4000, size))
        for shape, size in zip((2, 3, 4), sizes, strict=True)
    ]
    value = np.stack([sample.mean(axis=1) for sample in samples], axis=1)
    variance = np.stack([sample.var(axis=1, ddof=1) for sample in samples], axis=1)
    variance = variance / sizes
    freedom = freedom_of(variance[:, 1], sizes[1], variance[:, 0], sizes[0])
    estimates = Estimates(
        value[:, 1], variance[:, 1], value[:, 0], variance[:, 0], freedom
    )
    lower, upper = interval(estimates, 0.95)
    assert ((lower <= 0) & (upper >= 0)).mean() == pytest.approx(0.95, abs=0.014)
    assert (t_test(estimates)[1] < 0.05).mean() == pytest.approx(0.05, abs=0.014)
    group = np.repeat(np.arange(4000), 3)
    _, _, p_value = welch_anova(
        value.ravel(), variance.ravel(), np.tile(sizes, 4000).astype(float), group
    )
    assert (p_value < 0.05).mean() == pytest.approx(0.05, abs=0.014)
