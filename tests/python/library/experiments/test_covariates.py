import numpy as np
import pytest
import tea_tasting

from mercato.experiments.comparisons import result_columns
from mercato.experiments.covariates import cuped, pooled
from mercato.experiments.means import welch
from mercato.experiments.ratios import delta
from mercato.experiments.statistics import pair, read_arms


@pytest.fixture
def arms_of(arm_of, statistics_of):
    """Give the way to read arms of units; each is a dict of y, d, x and w."""

    def arms_of(*arms):
        named = [
            arm_of(chr(97 + number), number == 0, **arm)
            for number, arm in enumerate(arms)
        ]
        return read_arms(statistics_of(*named))

    return arms_of


@pytest.fixture
def compared(arms_of):
    """Give the way to compare variants with the first arm by CUPED."""

    def compared(*arms, is_ratio=False, level=0.95):
        read = arms_of(*arms)
        return result_columns(cuped(read, pair(read), is_ratio), level)

    return compared


def shoppers(random, users, effect=0.0, noise=1.0):
    """Draw units whose spending before tells of their spending now."""
    before = random.gamma(2, 3, users)
    return {"x": before, "y": before + random.normal(effect, noise, users)}


def test_by_hand(compared):
    # Both arms together: x = 0, 1, 2, 3, y = 0, 1, 4, 5: theta = 9 / 5, mean x = 1.5.
    # Adjusted: 0.5 + 1.8 and 4.5 - 1.8; within each arm y - 1.8 x has variance 0.32.
    columns = compared({"x": [0, 1], "y": [0, 1]}, {"x": [2, 3], "y": [4, 5]})
    assert columns["control_value"] == pytest.approx([2.3])
    assert columns["value"] == pytest.approx([2.7])
    assert columns["standard_error"] == pytest.approx([np.sqrt(0.32)])
    assert columns["variance_reduction"] == pytest.approx([1 - 0.32 / 0.5])


@pytest.mark.parametrize(
    ("metric", "denominator", "p_value"),
    [
        ("orders", None, 0.007330),
        ("revenue", None, 0.006744),
        ("orders", "sessions", 0.002293),
    ],
)
def test_published_users_of_tea_tasting(compared, metric, denominator, p_value):
    data = tea_tasting.make_users_data(rng=42, covariates=True)
    columns = {"y": metric, "x": f"{metric}_covariate"}
    if denominator:
        columns |= {"d": denominator, "w": f"{denominator}_covariate"}
    test = tea_tasting.RatioOfMeans(metric, denominator, columns["x"], columns.get("w"))
    result = tea_tasting.Experiment(m=test).analyze(data)["m"]
    users = data.to_pandas()
    found = compared(
        *(
            {name: arm[column].to_numpy() for name, column in columns.items()}
            for _, arm in users.groupby("variant")
        ),
        is_ratio=denominator is not None,
    )
    assert found["p_value"] == pytest.approx([p_value], abs=1e-6)
    assert found["p_value"] == pytest.approx([result.pvalue], rel=1e-7)
    assert found["value"] == pytest.approx([result.treatment], rel=1e-9)
    assert found["control_value"] == pytest.approx([result.control], rel=1e-9)
    for side in ("lower", "upper"):
        expected = getattr(result, f"effect_size_ci_{side}")
        assert found[f"effect_{side}"] == pytest.approx([expected], rel=1e-8)
        # Tea-tasting has degrees of freedom of their own for the logarithm.
        expected = getattr(result, f"rel_effect_size_ci_{side}")
        assert found[f"relative_effect_{side}"] == pytest.approx([expected], abs=1e-5)


def test_moments_of_both_arms_are_those_of_one_sample(arms_of):
    random = np.random.default_rng(1)
    units = random.gamma(2, 3, (4, 90)) + 1000
    names = dict(zip("ydxw", units, strict=True))
    read = arms_of(
        {name: values[:30] for name, values in names.items()},
        {name: values[30:] for name, values in names.items()},
    )
    both = pooled(read, pair(read))
    assert both.count == [90]
    assert both.mean[0] == pytest.approx(units.mean(axis=1))
    assert both.covariance[0] == pytest.approx(np.cov(units), rel=1e-6, abs=1e-6)


def test_a_covariate_of_nothing_is_no_covariate(compared):
    random = np.random.default_rng(2)
    y = random.normal(size=20)
    for x in (np.zeros(20), np.full(20, 3.7)):
        columns = compared({"y": y[:10], "x": x[:10]}, {"y": y[10:], "x": x[10:]})
        assert columns["status"].tolist() == ["no covariate"]
        for name in ("value", "p_value", "variance_reduction", "standard_error"):
            assert np.isnan(columns[name]).all()


def test_ratios_without_a_past_have_no_covariate(compared):
    arm = {"y": [1, 2, 3], "d": [2, 2, 5]}
    columns = compared(arm, arm, is_ratio=True)
    assert columns["status"].tolist() == ["no covariate"]
    empty = {"y": [0, 0], "d": [0, 0], "x": [1, 2], "w": [2, 3]}
    columns = compared(arm, empty, is_ratio=True)
    assert columns["status"].tolist() == ["no denominator"]


@pytest.mark.parametrize(
    ("variant", "status"),
    [
        ({"y": [], "x": []}, "no exposures"),
        ({"y": [1], "x": [2]}, "too few units"),
        ({"y": [1, 2], "x": [1, 2]}, "no variation"),
        ({"y": [1, 2], "x": [2, 1]}, "ok"),
    ],
)
def test_status_says_why_there_is_no_test(compared, variant, status):
    columns = compared({"y": [3, 4, 8], "x": [3, 4, 8]}, variant)
    assert columns["status"].tolist() == [status]
    for name in ("p_value", "statistic", "standard_error", "variance_reduction"):
        assert np.isnan(columns[name]).all() == (status != "ok")


def test_swapping_arms_and_moving_the_covariate_change_nothing(compared):
    random = np.random.default_rng(3)
    control, variant = shoppers(random, 50), shoppers(random, 40, 0.5)
    there, back = compared(control, variant), compared(variant, control)
    assert back["effect"] == pytest.approx(-there["effect"])
    assert back["p_value"] == pytest.approx(there["p_value"])
    moved = [arm | {"x": 7 - 3 * arm["x"]} for arm in (control, variant)]
    for name, column in compared(*moved).items():
        if isinstance(column, np.ndarray) and column.dtype.kind == "f":
            assert column == pytest.approx(there[name], rel=1e-7)


def test_denominators_of_one_make_ratios_means(compared):
    random = np.random.default_rng(4)
    arms = [shoppers(random, users) for users in (50, 60)]
    ones = [arm | {"d": 0 * arm["x"] + 1, "w": 0 * arm["x"] + 1} for arm in arms]
    means, ratios = compared(*arms), compared(*ones, is_ratio=True)
    for name in ("effect", "standard_error", "p_value", "variance_reduction"):
        assert ratios[name] == pytest.approx(means[name], rel=1e-7)


def test_false_positives_coverage_and_gain_are_as_promised(arm_of, statistics_of):
    # 2,000 simulated experiments; the past explains 18 of 19 parts of the variance.
    # Four binomial standard errors of 5 % are 2 points.
    random = np.random.default_rng(5)
    arms = [
        arm_of(
            name, name == "a", **shoppers(random, 100, effect), metric_id=f"{number}"
        )
        for number in range(2000)
        for name, effect in (("a", 0), ("b", 0), ("c", 0.3))
    ]
    read = read_arms(statistics_of(*arms))
    pairs = pair(read)
    adjusted = result_columns(cuped(read, pairs), 0.95)
    is_same = read.rows["variant"].take(pairs.treated).to_numpy() == "b"
    rejected = adjusted["p_value"] < 0.05
    assert rejected[is_same].mean() == pytest.approx(0.05, abs=0.02)
    for of, truth in ((is_same, 0), (~is_same, 0.3)):
        covered = (adjusted["effect_lower"] <= truth) & (
            adjusted["effect_upper"] >= truth
        )
        assert covered[of].mean() == pytest.approx(0.95, abs=0.02)
        assert adjusted["effect"][of].mean() == pytest.approx(truth, abs=0.015)
    assert adjusted["variance_reduction"].mean() == pytest.approx(18 / 19, abs=0.01)
    plain = result_columns(welch(read, pairs), 0.95)["p_value"] < 0.05
    assert rejected[~is_same].mean() > 3 * plain[~is_same].mean()


def test_adjusted_ratios_keep_their_level_and_gain(arm_of, statistics_of):
    random = np.random.default_rng(6)

    def users(count):
        taste = random.beta(1.5, 6, count)
        sessions, past = 1 + random.poisson(9, (2, count))
        return {
            "y": random.binomial(sessions, taste),
            "d": sessions,
            "x": random.binomial(past, taste),
            "w": past,
        }

    arms = [
        arm_of(name, name == "a", **users(200), metric_id=f"{number}")
        for number in range(1000)
        for name in "ab"
    ]
    read = read_arms(statistics_of(*arms))
    pairs = pair(read)
    adjusted = result_columns(cuped(read, pairs, is_ratio=True), 0.95)
    plain = result_columns(delta(read, pairs), 0.95)
    # Four binomial standard errors of 5 % of 1,000 are 2.8 points.
    assert (adjusted["p_value"] < 0.05).mean() == pytest.approx(0.05, abs=0.028)
    assert (adjusted["variance_reduction"] > 0.2).mean() > 0.9
    assert adjusted["effect"].var() < 0.7 * plain["effect"].var()
    error = (adjusted["standard_error"] ** 2).mean()
    assert error == pytest.approx(adjusted["effect"].var(), rel=0.2)
