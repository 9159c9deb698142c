import numpy as np
import pyarrow as pa
import pytest
from scipy import integrate, stats

from mercato.experiments.bandit import ALLOCATIONS_SCHEMA, allocations

POSTERIOR = [
    "posterior_mean",
    "posterior_standard_deviation",
    "probability_best",
    "expected_regret",
]


def column(table, name):
    return np.array(table[name].to_pylist(), dtype=float)


@pytest.fixture
def rates_of(counted_of, statistics_of):
    """Give the way to lay (units, converted) of arms out, the first the control."""

    def rates_of(*arms, **keys):
        return statistics_of(
            *(
                counted_of(f"v{number:02d}", number == 0, *arm, **keys)
                for number, arm in enumerate(arms)
            )
        )

    return rates_of


def test_two_rates_by_hand(rates_of):
    # Without units the second is Beta(1, 1); the first, of no success among one, has
    # density 2 (1 - x): the second is higher with probability E x under 2x, 2 / 3.
    found = allocations(rates_of((1, 0), (0, 0)), exploration_floor=0.1)
    assert column(found, "probability_best") == pytest.approx([1 / 3, 2 / 3])
    weights = [0.1 + 0.8 / 3, 0.1 + 1.6 / 3]
    assert column(found, "recommended_weight") == pytest.approx(weights)
    assert column(found, "posterior_mean") == pytest.approx([1 / 3, 1 / 2])
    # The mean of the higher one is the integral of 1 - x (2x - x^2) over [0, 1].
    highest = 1 - (2 / 3 - 1 / 4)
    assert column(found, "expected_regret") == pytest.approx(
        [highest - 1 / 3, highest - 1 / 2]
    )


@pytest.mark.parametrize(
    "arms",
    [
        ((100, 10), (100, 14), (100, 9)),
        ((1000, 100), (30, 4), (200, 25), (5, 0)),
        ((50_000, 5000), (200, 22)),
    ],
)
def test_rates_agree_with_numerical_integration(arms, rates_of):
    found = allocations(rates_of(*arms))
    posteriors = [stats.beta(1 + hits, 1 + units - hits) for units, hits in arms]
    corners = [place for of in posteriors for place in of.ppf([1e-6, 0.5, 1 - 1e-6])]
    highest = integrate.quad(
        lambda x: 1 - np.prod([of.cdf(x) for of in posteriors]),
        0,
        1,
        points=corners,
        limit=500,
    )[0]
    for i, posterior in enumerate(posteriors):
        others = posteriors[:i] + posteriors[i + 1 :]
        best = integrate.quad(
            lambda x, of=posterior, rest=others: (
                of.pdf(x) * np.prod([other.cdf(x) for other in rest])
            ),
            0,
            1,
            points=corners,
            limit=500,
        )[0]
        row = found.slice(i, 1).to_pylist()[0]
        assert row["probability_best"] == pytest.approx(best, abs=1e-8)
        regret = highest - posterior.mean()
        assert row["expected_regret"] == pytest.approx(regret, abs=1e-8)


def test_means_agree_with_draws(arm_of, statistics_of):
    random = np.random.default_rng(2)
    units = [random.gamma(2, size, 60) for size in (1.0, 1.1, 0.9)]
    found = allocations(
        statistics_of(*(arm_of(f"v{i}", i == 0, y) for i, y in enumerate(units)))
    )
    drawn = np.stack(
        [random.normal(y.mean(), y.std(ddof=1) / np.sqrt(60), 400_000) for y in units]
    )
    best = np.bincount(drawn.argmax(axis=0)) / 400_000
    assert column(found, "probability_best") == pytest.approx(best, abs=0.004)
    loss = drawn.max(axis=0) - drawn
    assert column(found, "expected_regret") == pytest.approx(
        loss.mean(axis=1), abs=4 * loss.std() / np.sqrt(400_000)
    )


def test_ratios_and_quantiles_have_their_own_standard_errors(arm_of, statistics_of):
    y, d = np.array([1.0, 2, 3, 2]), np.array([2.0, 3, 4, 5])
    ratios = statistics_of(
        arm_of("A", True, y, d=d, metric_kind="ratio"),
        arm_of("B", False, y, d=d + 1, metric_kind="ratio"),
    )
    ratio = y.sum() / d.sum()
    error = np.std(y - ratio * d, ddof=1) / d.mean() / np.sqrt(4)
    row = allocations(ratios).to_pylist()[0]
    assert row["posterior_mean"] == pytest.approx(ratio)
    assert row["posterior_standard_deviation"] == pytest.approx(error)
    keys = {"metric_kind": "quantile", "quantile_level": 0.5, "quantile_value": 3.0}
    keys |= {"quantile_lower": 2.0, "quantile_upper": 2 + 2 * 1.959964}
    quantiles = statistics_of(
        arm_of("A", True, y, **keys), arm_of("B", False, y, **keys)
    )
    row = allocations(quantiles).to_pylist()[0]
    assert row["posterior_mean"] == 3
    assert row["posterior_standard_deviation"] == pytest.approx(1, abs=1e-6)
    assert row["probability_best"] == pytest.approx(0.5)


@pytest.mark.parametrize("count", [2, 3, 7])
def test_arms_alike_get_equal_weights(count, rates_of, arm_of, statistics_of):
    rates = allocations(rates_of(*[(100, 10)] * count))
    means = allocations(
        statistics_of(*(arm_of(f"v{i}", i == 0, [1, 2, 4]) for i in range(count)))
    )
    for found in (rates, means):
        for name in ("probability_best", "recommended_weight"):
            assert column(found, name) == pytest.approx(np.full(count, 1 / count))
        assert np.ptp(column(found, "expected_regret")) < 1e-12


def test_the_floor_leaves_every_arm_a_share(rates_of):
    clear = rates_of((1000, 0), (1000, 500), (1000, 0))
    weights = column(allocations(clear, exploration_floor=0.05), "recommended_weight")
    assert weights == pytest.approx([0.05, 0.9, 0.05])
    weights = column(allocations(clear, exploration_floor=0), "recommended_weight")
    assert weights == pytest.approx([0, 1, 0])
    weights = column(allocations(clear, exploration_floor=0.5), "recommended_weight")
    assert weights == pytest.approx(np.full(3, 1 / 3))


@pytest.mark.parametrize("kind", ["rate", "mean"])
def test_less_is_better_where_the_direction_says_so(
    kind, rates_of, arm_of, statistics_of
):
    def found_of(turn, direction):
        if kind == "rate":
            arms = [(90, 12), (100, 10), (80, 13)]
            arms = [(units, units - hits if turn else hits) for units, hits in arms]
            return allocations(rates_of(*arms, direction=direction))
        sign = -1.0 if turn else 1.0
        arms = [[1.0, 2, 4], [2.0, 3, 3], [1.0, 1, 3]]
        return allocations(
            statistics_of(
                *(
                    arm_of(f"v{i}", i == 0, sign * np.array(y), direction=direction)
                    for i, y in enumerate(arms)
                )
            )
        )

    more, less = found_of(turn=False, direction="increase"), found_of(True, "decrease")
    for name in ("probability_best", "expected_regret", "recommended_weight"):
        assert column(less, name) == pytest.approx(column(more, name))
    assert column(less, "posterior_mean")[0] != column(more, "posterior_mean")[0]


def test_experiments_of_any_size_do_not_mix(rates_of, arm_of, statistics_of):
    tables = [
        rates_of((100, 10), (90, 14), experiment_id="a"),
        rates_of((100, 10), (90, 14), (80, 4), experiment_id="b"),
        rates_of((50, 10), (60, 14), experiment_id="c"),
        statistics_of(
            *(arm_of(name, False, [1, 2, 4], experiment_id="d") for name in "AB")
        ),
        rates_of((50, 1), (60, 59), experiment_id="a", segment_dimension="country"),
        rates_of((50, 1), (60, 59), experiment_id="a", metric_id="n", is_primary=False),
    ]
    together = allocations(pa.concat_tables(tables))
    alone = pa.concat_tables([allocations(table) for table in tables])
    assert together.equals(alone.combine_chunks())
    assert together.num_rows == 9
    backwards = pa.concat_tables(tables)
    backwards = backwards.take(list(range(backwards.num_rows))[::-1])
    assert allocations(backwards).equals(together)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("arms", "status"),
    [
        ([[1.0, 2]], "one variant"),
        ([[], []], "no exposures"),
        ([[1.0, 2], [1.0]], "too few units"),
        ([[1.0, 2], [1.0, 1], [1.0, 3]], "no variation"),
    ],
)
def test_without_a_posterior_weights_are_even(arms, status, arm_of, statistics_of):
    found = allocations(
        statistics_of(*(arm_of(f"v{i}", i == 0, y) for i, y in enumerate(arms)))
    )
    for row in found.to_pylist():
        assert row["status"] == status
        assert row["recommended_weight"] == pytest.approx(1 / len(arms))
        assert all(row[name] is None for name in POSTERIOR)


@pytest.mark.filterwarnings("error")
def test_a_ratio_needs_a_denominator(arm_of, statistics_of):
    arms = [arm_of(name, False, [1, 2], metric_kind="ratio") for name in "AB"]
    found = allocations(statistics_of(*arms))
    assert found["status"].to_pylist() == ["no denominator"] * 2


@pytest.mark.filterwarnings("error")
def test_rates_without_units_get_even_weights(rates_of):
    found = allocations(rates_of((0, 0), (0, 0)))
    assert found["status"].to_pylist() == ["no exposures"] * 2
    assert column(found, "recommended_weight").tolist() == [0.5, 0.5]
    assert allocations(rates_of((0, 0)).slice(0, 0)).equals(
        ALLOCATIONS_SCHEMA.empty_table()
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"exploration_floor": -0.1}, r"exploration_floor == -0\.1, must be >= 0"),
        ({"exploration_floor": 2}, "exploration_floor == 2, must be"),
        ({"prior_successes": 0}, r"prior_successes == 0, must be > 0 and finite\."),
        ({"prior_failures": float("inf")}, "prior_failures == inf"),
    ],
)
def test_bad_arguments_are_named(options, message, rates_of):
    with pytest.raises(ValueError, match=message):
        allocations(rates_of((10, 1), (10, 2)), **options)


def test_probabilities_are_calibrated(rates_of):
    # 2,000 experiments of three arms with rates from the prior: of the arms that are
    # the best with a probability around p, the share p is the best.
    random = np.random.default_rng(4)
    truth = random.beta(2, 8, (2000, 3))
    units = np.array([300, 100, 30])
    hits = random.binomial(units, truth)
    table = rates_of(*[(10, 1)] * 3)
    rows = table.take(np.tile([0, 1, 2], 2000))
    for name, values in {
        "experiment_id": np.repeat([f"{n:04d}" for n in range(2000)], 3),
        "unit_count": np.tile(units, 2000),
        "sum_y": hits.ravel().astype(float),
    }.items():
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, name, pa.array(values))
    found = allocations(rows, prior_successes=2, prior_failures=8)
    best = column(found, "probability_best")
    is_best = (truth == truth.max(axis=1, keepdims=True)).ravel()
    for low in (0, 0.2, 0.4, 0.6, 0.8):
        chosen = (best >= low) & (best < low + 0.2)
        claimed = best[chosen].mean()
        error = np.sqrt(claimed * (1 - claimed) / chosen.sum())
        assert is_best[chosen].mean() == pytest.approx(claimed, abs=4 * error)
    regret = (truth.max(axis=1, keepdims=True) - truth).ravel()
    expected = column(found, "expected_regret")
    error = (regret - expected).std() / np.sqrt(6000)
    assert regret.mean() == pytest.approx(expected.mean(), abs=4 * error)
