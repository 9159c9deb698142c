import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mercato.experiments.bayesian import bayesian_results
from mercato.experiments.frequentist import frequentist_results
from mercato.experiments.results import RESULTS_SCHEMA

NUMBERS = [
    "effect_lower",
    "effect_upper",
    "relative_effect_lower",
    "relative_effect_upper",
    "standard_error",
    "probability_to_beat_control",
    "expected_loss",
]


@pytest.fixture
def rates(counted_of, statistics_of):
    """120 of 1000 in the control, 150 of 1000 in the variant."""
    return statistics_of(
        counted_of("A", True, 1000, 120), counted_of("B", False, 1000, 150)
    )


@pytest.fixture
def amounts(arm_of, statistics_of):
    """Six units an arm of every kind of metric that is no rate."""
    control, variant = np.array([1.0, 2, 3, 4, 5, 6]), np.array([2.0, 3, 5, 4, 6, 7])
    quantile = {
        "metric_kind": "quantile",
        "quantile_level": 0.5,
        "quantile_lower": 2.0,
        "quantile_upper": 6.0,
    }
    kinds = {
        "mean": ({}, {}),
        "count": ({}, {}),
        "ratio": ({"d": control + 1}, {"d": 8 - control}),
        "quantile": (
            quantile | {"quantile_value": 3.5},
            quantile | {"quantile_value": 4.5},
        ),
    }
    return statistics_of(
        *(
            arm_of(
                name, name == "A", y, **{"metric_kind": kind, "metric_id": kind} | of
            )
            for kind, of_arms in kinds.items()
            for name, y, of in zip("AB", (control, variant), of_arms, strict=True)
        )
    )


def test_rates_by_hand(rates):
    (row,) = bayesian_results(rates).to_pylist()
    assert row["method"] == "bayesian_beta"
    assert row["value"] == pytest.approx(151 / 1002)
    assert row["control_value"] == pytest.approx(121 / 1002)
    assert row["effect"] == pytest.approx(30 / 1002)
    assert row["relative_effect"] == pytest.approx(30 / 121)
    spread = stats.beta.var(151, 851) + stats.beta.var(121, 881)
    assert row["standard_error"] == pytest.approx(np.sqrt(spread))
    # Close to one less half the p-value of the z test, 0.0496.
    assert row["probability_to_beat_control"] == pytest.approx(0.975068, abs=1e-6)
    assert row["p_value"] is None
    assert row["is_default"] is False


def test_flat_priors_give_the_intervals_of_the_z_test(amounts):
    rows = bayesian_results(amounts, confidence_level=0.9).to_pylist()
    plain = {
        row["metric_id"]: row
        for row in frequentist_results(amounts, seed=1).to_pylist()
        if row["method"] in ("welch", "delta", "order_statistics")
    }
    assert [row["metric_id"] for row in rows] == ["count", "mean", "quantile", "ratio"]
    for row in rows:
        other = plain[row["metric_id"]]
        assert row["estimand"] == other["estimand"]
        for name in ("value", "control_value", "effect", "relative_effect"):
            assert row[name] == pytest.approx(other[name])
        posterior = stats.norm(other["effect"], other["standard_error"])
        assert row["effect_lower"] == pytest.approx(posterior.ppf(0.05))
        assert row["effect_upper"] == pytest.approx(posterior.ppf(0.95))
        assert row["probability_to_beat_control"] == pytest.approx(posterior.sf(0))
        loss = posterior.expect(lambda effect: -effect, ub=0)
        assert row["expected_loss"] == pytest.approx(loss)


def test_relative_interval_by_hand(amounts):
    rows = bayesian_results(amounts).to_pylist()
    (row,) = [row for row in rows if row["metric_id"] == "mean"]
    # Means 3.5 and 4.5, both of variance 3.5 / 6.
    error = np.sqrt(3.5 / 6) * np.hypot(1 / 3.5, 1 / 4.5)
    assert row["relative_effect"] == pytest.approx(4.5 / 3.5 - 1)
    for name, z in [("lower", -1.959964), ("upper", 1.959964)]:
        expected = 4.5 / 3.5 * np.exp(z * error) - 1
        assert row[f"relative_effect_{name}"] == pytest.approx(expected)


def test_a_prior_of_the_effect_shrinks_it(amounts):
    amounts = amounts.filter(pa.compute.equal(amounts["metric_id"], "mean"))
    (row,) = bayesian_results(amounts, prior_relative_effect_sd=0.1).to_pylist()
    # Precisions add up: 1 / 0.35^2 of the prior around 0, 1 / (2 * 3.5 / 6) of 1.
    prior, likelihood = 1 / 0.35**2, 6 / 7
    assert row["effect"] == pytest.approx(likelihood / (prior + likelihood))
    assert row["standard_error"] == pytest.approx((prior + likelihood) ** -0.5)
    assert (row["value"], row["control_value"]) == (4.5, 3.5)
    (flat,) = bayesian_results(amounts).to_pylist()
    (wide,) = bayesian_results(amounts, prior_relative_effect_sd=1e6).to_pylist()
    for name in [*NUMBERS, "effect", "relative_effect"]:
        assert wide[name] == pytest.approx(flat[name], rel=1e-6)
    assert abs(row["relative_effect"]) < abs(flat["relative_effect"])


def test_a_prior_of_the_rates_counts_as_units(rates, counted_of, statistics_of):
    more = statistics_of(
        counted_of("A", True, 1009, 129), counted_of("B", False, 1009, 159)
    )
    (row,) = bayesian_results(rates, prior_successes=10).to_pylist()
    (expected,) = bayesian_results(more).to_pylist()
    for name in [*NUMBERS, "value", "control_value", "effect"]:
        assert row[name] == expected[name]


@pytest.mark.parametrize("kind", ["rates", "amounts"])
def test_less_is_better_where_the_direction_says_so(kind, request):
    table = request.getfixturevalue(kind)
    place = table.schema.get_field_index("direction")
    down = table.set_column(
        place, table.schema.field(place), pa.array(["decrease"] * table.num_rows)
    )
    pairs = zip(
        bayesian_results(table).to_pylist(),
        bayesian_results(down).to_pylist(),
        strict=True,
    )
    for more, less in pairs:
        beaten = 1 - more["probability_to_beat_control"]
        assert less["probability_to_beat_control"] == pytest.approx(beaten)
        # What the two choices cost differs by what they differ by.
        difference = less["expected_loss"] - more["expected_loss"]
        assert difference == pytest.approx(more["effect"])
        assert less["effect_lower"] == more["effect_lower"]


def test_row_order_is_free(rates, amounts):
    table = pa.concat_tables([rates, amounts])
    backwards = table.take(list(range(table.num_rows))[::-1])
    assert bayesian_results(backwards).equals(bayesian_results(table))


def test_swapping_control_and_variant_flips_the_signs(counted_of, statistics_of):
    arms = [counted_of("A", False, 1000, 120), counted_of("B", True, 700, 90)]
    swapped = [arm | {"is_control": not arm["is_control"]} for arm in arms]
    (one,) = bayesian_results(statistics_of(*arms)).to_pylist()
    (other,) = bayesian_results(statistics_of(*swapped)).to_pylist()
    beaten = 1 - other["probability_to_beat_control"]
    assert one["probability_to_beat_control"] == pytest.approx(beaten)
    assert one["effect"] == -other["effect"]
    assert one["effect_lower"] == pytest.approx(-other["effect_upper"])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("arms", "status"),
    [
        ([("A", True, 0, 0), ("B", False, 10, 1)], "no exposures"),
        ([("A", True, 10, 0), ("B", False, 10, 0)], "no variation"),
        ([("A", True, 10, 10), ("B", False, 9, 9)], "no variation"),
        ([("A", False, 10, 1), ("B", False, 10, 2)], "no control"),
        (
            [("A", True, 10, 1), ("B", True, 9, 2), ("C", False, 9, 2)],
            "several controls",
        ),
        ([("A", True, 10, 0), ("B", False, 10, 10)], "ok"),
        ([("A", True, 1, 0), ("B", False, 1, 1)], "ok"),
    ],
)
def test_status_of_rates(arms, status, counted_of, statistics_of):
    table = statistics_of(*(counted_of(*arm) for arm in arms))
    for row in bayesian_results(table).to_pylist():
        assert row["status"] == status
        assert all((row[name] is not None) == (status == "ok") for name in NUMBERS)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("arms", "status"),
    [
        ([("A", True, [1, 2]), ("B", False, [2])], "too few units"),
        ([("A", True, []), ("B", False, [1, 2])], "no exposures"),
        ([("A", True, [1, 1]), ("B", False, [2, 2])], "no variation"),
        ([("A", False, [1, 2]), ("B", False, [2, 2])], "no control"),
        ([("A", True, [-1, 1]), ("B", False, [1, 2])], "no control value"),
        ([("A", True, [0, 1]), ("B", False, [1, 1])], "ok"),
    ],
)
def test_status_of_means(arms, status, arm_of, statistics_of):
    table = statistics_of(*(arm_of(*arm) for arm in arms))
    for row in bayesian_results(table, prior_relative_effect_sd=0.1).to_pylist():
        assert row["status"] == status
        assert all((row[name] is not None) == (status == "ok") for name in NUMBERS)


@pytest.mark.filterwarnings("error")
def test_means_of_other_sign_have_no_relative_effect(arm_of, statistics_of):
    table = statistics_of(arm_of("A", True, [-2, -1]), arm_of("B", False, [1, 2]))
    (row,) = bayesian_results(table).to_pylist()
    assert row["status"] == "ok"
    assert row["effect"] == 3
    assert row["relative_effect"] is row["relative_effect_upper"] is None


def test_no_arms_give_an_empty_table(rates):
    assert bayesian_results(rates.slice(0, 0)).equals(RESULTS_SCHEMA.empty_table())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"confidence_level": 1}, r"confidence_level == 1, must be > 0 and < 1\."),
        ({"prior_successes": 0}, r"prior_successes == 0, must be > 0 and finite\."),
        ({"prior_failures": -1}, r"prior_failures == -1, must be > 0"),
        (
            {"prior_relative_effect_sd": 0},
            "prior_relative_effect_sd == 0",
        ),
        ({"prior_successes": float("inf")}, "prior_successes == inf"),
    ],
)
def test_bad_arguments_are_named(rates, options, message):
    with pytest.raises(ValueError, match=message):
        bayesian_results(rates, **options)


def test_a_true_prior_makes_means_calibrated():
    # 3,000 experiments whose relative effects come from the prior: four standard errors
    # of a share of 95 % are 1.6 points. 400 units an arm, of mean 10 and variance 16.
    random = np.random.default_rng(11)
    effect = 10 * random.normal(0, 0.03, 3000)
    means = np.stack([np.full(3000, 10.0), 10 + effect])
    means = random.normal(means, 4 / np.sqrt(400)).T.ravel()
    squares = 399 * 16 + 400 * means**2
    table = pa.table(
        {
            "experiment_id": np.repeat([f"{n:04d}" for n in range(3000)], 2),
            "metric_id": ["m"] * 6000,
            "metric_kind": ["mean"] * 6000,
            "direction": ["increase"] * 6000,
            "variant": ["A", "B"] * 3000,
            "is_control": [True, False] * 3000,
            "is_primary": [True] * 6000,
            "is_guardrail": [False] * 6000,
            "unit_count": [400] * 6000,
        }
        | {f"sum_{name}": np.zeros(6000) for name in [*"dxw", *_products()]}
        | {"sum_y": 400 * means, "sum_yy": squares}
    )
    found = bayesian_results(table, prior_relative_effect_sd=0.03)
    lower, upper = (np.array(found[f"effect_{end}"]) for end in ("lower", "upper"))
    inside = (lower < effect) & (effect < upper)
    assert inside.mean() == pytest.approx(0.95, abs=0.016)
    beaten = np.array(found["probability_to_beat_control"])
    assert (effect > 0).mean() == pytest.approx(beaten.mean(), abs=0.036)
    sure = beaten > 0.9
    claimed = beaten[sure].mean()
    error = np.sqrt(claimed * (1 - claimed) / sure.sum())
    assert (effect > 0)[sure].mean() == pytest.approx(claimed, abs=4 * error)
    cost, expected = np.maximum(-effect, 0), np.array(found["expected_loss"])
    error = np.std(cost - expected) / np.sqrt(3000)
    assert cost.mean() == pytest.approx(expected.mean(), abs=4 * error)


def _products():
    return [a + b for i, a in enumerate("ydxw") for b in "ydxw"[i:]]
