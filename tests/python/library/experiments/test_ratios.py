import numpy as np
import pytest
import tea_tasting

from mercato.experiments.comparisons import result_columns
from mercato.experiments.ratios import delta, ratio_counts, ratio_estimates
from mercato.experiments.statistics import pair, read_arms


@pytest.fixture
def compared(arm_of, statistics_of):
    """Give the way to compare (y, d) of variants with those of the first arm."""

    def compared(*arms, level=0.95):
        named = [
            arm_of(chr(97 + number), number == 0, *np.asarray(arm, dtype=float))
            for number, arm in enumerate(arms)
        ]
        read = read_arms(statistics_of(*named))
        return result_columns(delta(read, pair(read)), level)

    return compared


def sessions_and_orders(random, users, rate):
    """Draw users with a taste of their own: orders and sessions of each."""
    sessions = 1 + random.poisson(3, users)
    return random.binomial(sessions, random.beta(20 * rate, 20 - 20 * rate, users)), (
        sessions
    )


def test_by_hand(arm_of, statistics_of):
    # y = 1, 3 and d = 2, 2: R = 4 / 4, and as d does not vary its variance is that of
    # the mean of y / 2: 2 / 4 / 2. y = 2, 4 and d = 1, 3: R = 6 / 4, s_yy = s_yd = s_dd
    # = 2, so (2 - 2 * 1.5 * 2 + 1.5^2 * 2) / (2 * 4).
    read = read_arms(
        statistics_of(
            arm_of("a", True, [1, 3], [2, 2]), arm_of("b", False, [2, 4], [1, 3])
        )
    )
    ratio, variance = ratio_estimates(read)
    assert ratio.tolist() == [1, 1.5]
    assert variance == pytest.approx([0.25, 0.5 / 8])


def test_published_users_of_tea_tasting(compared):
    data = tea_tasting.make_users_data(rng=42, covariates=True)
    metric = tea_tasting.RatioOfMeans("orders", "sessions")
    result = tea_tasting.Experiment(m=metric).analyze(data)["m"]
    users = data.to_pandas().groupby("variant")[["orders", "sessions"]]
    columns = compared(*(users.get_group(arm).to_numpy().T for arm in (0, 1)))
    assert columns["p_value"] == pytest.approx([0.076238], abs=1e-6)
    assert columns["p_value"] == pytest.approx([result.pvalue], rel=1e-8)
    assert columns["statistic"] == pytest.approx([result.statistic], rel=1e-8)
    for side in ("lower", "upper"):
        expected = getattr(result, f"effect_size_ci_{side}")
        assert columns[f"effect_{side}"] == pytest.approx([expected], rel=1e-8)
        # Tea-tasting has degrees of freedom of their own for the logarithm.
        expected = getattr(result, f"rel_effect_size_ci_{side}")
        assert columns[f"relative_effect_{side}"] == pytest.approx([expected], abs=1e-6)


def test_variance_is_that_of_the_bootstrap(arm_of, statistics_of):
    random = np.random.default_rng(1)
    y, d = sessions_and_orders(random, 500, 0.2)
    _, variance = ratio_estimates(read_arms(statistics_of(arm_of("a", True, y, d))))
    drawn = random.integers(0, 500, (2000, 500))
    bootstrap = (y[drawn].sum(axis=1) / d[drawn].sum(axis=1)).var()
    # The relative standard error of a variance from 2,000 replicates is 3 %.
    assert variance[0] == pytest.approx(bootstrap, rel=0.13)


def test_a_denominator_of_one_makes_it_a_mean(compared, arm_of, statistics_of):
    from mercato.experiments.means import welch

    samples = np.random.default_rng(2).gamma(2, 3, (2, 60))
    ratios = compared(*(np.stack([y, np.ones_like(y)]) for y in samples))
    read = read_arms(
        statistics_of(*(arm_of("ab"[n], n == 0, y) for n, y in enumerate(samples)))
    )
    means = result_columns(welch(read, pair(read)), 0.95)
    for name in ("effect", "standard_error", "degrees_of_freedom", "p_value"):
        assert ratios[name] == pytest.approx(means[name])


def test_swapping_arms_turns_the_sign_and_units_of_measure_cancel(compared):
    random = np.random.default_rng(3)
    control, variant = (
        np.array(sessions_and_orders(random, users, 0.3)) for users in (80, 60)
    )
    there, back = compared(control, variant), compared(variant, control)
    assert back["effect"] == pytest.approx(-there["effect"])
    assert back["p_value"] == pytest.approx(there["p_value"])
    scale = np.array([[100.0], [60.0]])
    scaled = compared(control * scale, variant * scale)
    assert scaled["p_value"] == pytest.approx(there["p_value"])
    assert scaled["effect"] == pytest.approx(there["effect"] * 100 / 60)


@pytest.mark.parametrize(
    ("control", "variant", "status"),
    [
        (([1, 2], [1, 1]), ([], []), "no exposures"),
        (([1, 2], [1, 1]), ([1], [1]), "too few units"),
        (([1, 2], [1, 1]), ([0, 0], [0, 0]), "no denominator"),
        (([0, 0], [0, 0]), ([0, 0], [0, 0]), "no denominator"),
        (([1, 2, 3], [2, 4, 6]), ([3, 8], [2, 3]), "too few units"),
        (([1, 2, 3], [2, 4, 6]), ([3, 9, 4], [1, 3, 2]), "ok"),
        (([1, 2, 3], [2, 4, 6]), ([3, 9, 6], [1, 3, 2]), "no variation"),
        # Rounding is no variance.
        (
            ([1, 2, 3], [2, 4, 6]),
            ([0.3, 0.7, 0.7], [0.1, *[0.7 / 3] * 2]),
            "no variation",
        ),
        (([0, 0, 0], [2, 4, 6]), ([0, 0], [1, 1]), "no variation"),
    ],
)
def test_status_says_why_there_is_no_test(compared, control, variant, status):
    columns = compared(control, variant)
    assert columns["status"].tolist() == [status]
    for name in ("p_value", "statistic", "standard_error", "effect_lower"):
        assert np.isnan(columns[name]).all() == (status != "ok")


def test_units_without_a_denominator_tell_nothing(compared, arm_of, statistics_of):
    orders = [30, 45, 10, 25], [50, 35, 60]
    few = compared(*(([*y], [1] * len(y)) for y in orders))
    many = compared(*(([*y, *[0] * 90], [1] * len(y) + [0] * 90) for y in orders))
    assert many["effect"] == pytest.approx(few["effect"])
    assert many["degrees_of_freedom"] == pytest.approx(
        few["degrees_of_freedom"], rel=0.2
    )
    assert (many["degrees_of_freedom"] < 6).all()
    read = read_arms(
        statistics_of(
            arm_of("a", True, [1] * 9, [3] * 4 + [0] * 5),
            arm_of("b", False, [1] * 1200, [1] * 999 + [0] * 201),
            arm_of("c", False, [1] * 1200, [1] * 1000 + [0] * 200),
            arm_of("d", False, [1] * 5, [0] * 5),
        )
    )
    assert ratio_counts(read).tolist() == [4, 999, 1200, 5]


def test_few_denominators_keep_the_level(arm_of, statistics_of):
    # 1,500 experiments in which some 5 of 200 units order: with all units for degrees
    # of freedom, 16 % would look significant.
    random = np.random.default_rng(5)
    arms = []
    for number in range(1500):
        for name in "ab":
            orders = random.poisson(5 / 200, 200)
            values = orders * np.exp(random.normal(0, 0.6, 200))
            arms.append(
                arm_of(name, name == "a", values, orders, metric_id=f"{number}")
            )
    read = read_arms(statistics_of(*arms))
    columns = result_columns(delta(read, pair(read)), 0.95)
    tested = columns["status"] == "ok"
    assert tested.mean() > 0.9
    assert (columns["p_value"][tested] < 0.05).mean() < 0.05 + 0.023


def test_false_positives_and_coverage_are_as_promised(arm_of, statistics_of):
    # 1,500 simulated experiments of users with tastes of their own, so that sessions
    # are not independent: four binomial standard errors of 5 % are 2.3 points.
    random = np.random.default_rng(4)
    count = 1500
    arms = [
        arm_of(
            name,
            name == "a",
            *sessions_and_orders(random, 300, rate),
            metric_id=f"{number}",
        )
        for number in range(count)
        for name, rate in (("a", 0.2), ("b", 0.2), ("c", 0.24))
    ]
    read = read_arms(statistics_of(*arms))
    pairs = pair(read)
    columns = result_columns(delta(read, pairs), 0.95)
    is_same = read.rows["variant"].take(pairs.treated).to_numpy() == "b"
    assert (columns["p_value"][is_same] < 0.05).mean() == pytest.approx(0.05, abs=0.023)
    for of, effect, change in ((is_same, 0, 0), (~is_same, 0.04, 0.2)):
        for name, truth in (("effect", effect), ("relative_effect", change)):
            covered = (columns[f"{name}_lower"] <= truth) & (
                columns[f"{name}_upper"] >= truth
            )
            assert covered[of].mean() == pytest.approx(0.95, abs=0.023)
