import numpy as np
import pytest
from scipy import stats

from mercato.experiments.comparisons import result_columns
from mercato.experiments.quantiles import order_statistics
from mercato.experiments.statistics import pair, read_arms


def order(y, level):
    """Return the sample quantile and the order statistics around it, as SQL does."""
    y = np.sort(y)
    half = stats.norm.ppf(0.975) * np.sqrt(len(y) * level * (1 - level))
    ranks = np.array([np.floor(len(y) * level - half), np.ceil(len(y) * level + half)])
    lower, upper = y[np.clip(ranks.astype(int), 1, len(y)) - 1]
    return {
        "quantile_level": level,
        "quantile_value": float(np.quantile(y, level)),
        "quantile_lower": float(lower),
        "quantile_upper": float(upper),
    }


@pytest.fixture
def compared(arm_of, statistics_of):
    """Give the way to compare the quantiles of variants with those of the first."""

    def compared(*quantiles, units=100, level=0.95):
        names = ("quantile_value", "quantile_lower", "quantile_upper")
        arms = [
            arm_of(chr(97 + number), number == 0, metric_kind="quantile")
            | {"unit_count": units}
            | dict(zip(names, arm, strict=True))
            for number, arm in enumerate(quantiles)
        ]
        read = read_arms(statistics_of(*arms))
        return result_columns(order_statistics(read, pair(read)), level)

    return compared


def test_by_hand(compared):
    # Intervals of 2 * 1.96 * 3 and 2 * 1.96 * 4 around 10 and 20.
    z = stats.norm.ppf(0.975)
    columns = compared((10, 10 - 3 * z, 10 + 3 * z), (20, 20 - 4 * z, 20 + 4 * z))
    assert columns["standard_error"] == pytest.approx([5])
    assert columns["statistic"] == pytest.approx([2])
    assert columns["p_value"] == pytest.approx([2 * stats.norm.sf(2)])
    assert columns["effect_lower"] == pytest.approx([10 - 5 * z])
    assert np.isnan(columns["degrees_of_freedom"]).all()


def test_swapping_arms_turns_the_sign_and_units_of_measure_cancel(compared):
    control, variant = (10, 8, 13), (12, 9, 16)
    there, back = compared(control, variant), compared(variant, control)
    assert back["effect"] == pytest.approx(-there["effect"])
    assert back["p_value"] == pytest.approx(there["p_value"])
    scaled = compared(*(np.array(arm) * 100.0 for arm in (control, variant)))
    assert scaled["p_value"] == pytest.approx(there["p_value"])
    assert scaled["relative_effect_upper"] == pytest.approx(
        there["relative_effect_upper"]
    )


@pytest.mark.parametrize(
    ("variant", "units", "status"),
    [
        ((12, 9, 16), 0, "no exposures"),
        ((12, 9, 16), 1, "too few units"),
        ((None, None, None), 100, "too few units"),
        ((12, None, None), 100, "too few units"),
        ((10, 10, 10), 100, "no variation"),
        ((12, 9, 16), 100, "ok"),
    ],
)
def test_status_says_why_there_is_no_test(compared, variant, units, status):
    columns = compared((10, 10, 10), variant, units=units)
    assert columns["status"].tolist() == [status]
    for name in ("p_value", "statistic", "standard_error", "effect_lower"):
        assert np.isnan(columns[name]).all() == (status != "ok")


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_false_positives_and_coverage_are_as_promised(arm_of, statistics_of, level):
    # 1,500 simulated experiments of skewed values: four binomial standard errors of 5 %
    # are 2.3 points, and the ranks are rounded outwards.
    random = np.random.default_rng(7)
    truth = 2 * 0.2 * stats.gamma.ppf(level, 2)
    arms = [
        arm_of(name, name == "a", metric_id=f"{number}", metric_kind="quantile")
        | {"unit_count": 500}
        | order(random.gamma(2, 2 * scale, 500), level)
        for number in range(1500)
        for name, scale in (("a", 1), ("b", 1), ("c", 1.2))
    ]
    read = read_arms(statistics_of(*arms))
    pairs = pair(read)
    columns = result_columns(order_statistics(read, pairs), 0.95)
    is_same = read.rows["variant"].take(pairs.treated).to_numpy() == "b"
    rejected = (columns["p_value"][is_same] < 0.05).mean()
    assert 0.02 < rejected < 0.05 + 0.023
    for of, effect in ((is_same, 0), (~is_same, truth)):
        covered = (columns["effect_lower"] <= effect) & (
            columns["effect_upper"] >= effect
        )
        assert 0.95 - 0.023 < covered[of].mean() < 0.98
