import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mercato.experiments.off_policy import (
    LOGGED_SCHEMA,
    POLICY_VALUES_SCHEMA,
    PRODUCTS,
    TOTALS,
    policy_values,
)

NUMBERS = [
    "value",
    "value_lower",
    "value_upper",
    "standard_error",
    "effect",
    "effect_lower",
    "effect_upper",
    "effect_standard_error",
]

NO_MINIMUMS = {
    "minimum_effective_sample_size": 0,
    "minimum_effective_units": 2,
    "minimum_coverage": 0,
}


def logged(weights, rewards, scores=None, units=None, coverage=1.0):
    """Add a log up as SQL does: over the exposures of a unit, then over units."""
    weights, rewards = np.asarray(weights, float), np.asarray(rewards, float)
    scores = weights * rewards if scores is None else np.asarray(scores, float)
    units = np.arange(len(weights)) if units is None else np.asarray(units)
    exposures = np.ones(len(weights))
    columns = (exposures, weights, rewards, weights * rewards, scores)
    _, place = np.unique(units, return_inverse=True)
    of_units = [np.bincount(place, column) for column in columns]
    totals = dict(zip(TOTALS, of_units, strict=True))
    return (
        {"policy_name": "p", "unit_count": len(totals["e"])}
        | {f"sum_{name}": totals[name].sum() for name in TOTALS}
        | {f"sum_{a}{b}": totals[a] @ totals[b] for a, b in PRODUCTS}
        | {
            "weight_square_sum": weights @ weights,
            "largest_weight": weights.max(initial=0),
            "coverage_sum": coverage * len(weights),
        }
    )


def values_of(*logs, **options):
    table = pa.Table.from_pylist(list(logs), schema=LOGGED_SCHEMA)
    return policy_values(table, **(NO_MINIMUMS | options))


def by_estimator(*logs, **options):
    rows = values_of(*logs, **options).to_pylist()
    return {row["estimator"]: row for row in rows}


def test_four_exposures_by_hand():
    rows = by_estimator(logged([2, 0, 1, 3], [1, 1, 0, 1]))
    ips, snips = rows["ips"], rows["snips"]
    assert ips["value"] == 5 / 4
    assert ips["standard_error"] == pytest.approx(
        np.std([2, 0, 0, 3], ddof=1) / np.sqrt(4)
    )
    assert snips["value"] == 5 / 6
    # w (r - value): 1/3, 0, -5/6, 1/2; over the sum of weights, with 4 / 3 for n - 1.
    squares = (1 / 9 + 25 / 36 + 1 / 4) / 36 * 4 / 3
    assert snips["standard_error"] == pytest.approx(np.sqrt(squares))
    for row in rows.values():
        assert row["logged_value"] == 3 / 4
        assert row["effect"] == pytest.approx(row["value"] - 3 / 4)
        assert row["mean_weight"] == 6 / 4
        assert row["coverage"] == 1
        assert row["largest_weight"] == 3
        assert row["effective_sample_size"] == pytest.approx(36 / 14)
        # Student's t with 36 / 14 - 1 degrees of freedom.
        half = stats.t.ppf(0.975, 36 / 14 - 1) * row["standard_error"]
        assert row["value_upper"] == pytest.approx(row["value"] + half)
    # The differences of IPS to the log are a mean of w r - r.
    assert ips["effect_standard_error"] == pytest.approx(
        np.std([1, -1, 0, 2], ddof=1) / np.sqrt(4)
    )


def test_agrees_with_raw_rows():
    # 300 exposures of 40 units, the influence of each unit written out.
    random = np.random.default_rng(1)
    units = random.integers(0, 40, 300)
    weights = random.choice([0, 0.5, 2], 300)
    rewards = random.poisson(1 + (units % 3))
    scores = 0.8 + weights * (rewards - 0.8)
    rows = by_estimator(logged(weights, rewards, scores, units), confidence_level=0.9)
    base = (rewards - rewards.mean()) / 300
    expected = {
        "ips": (weights * rewards, np.ones(300)),
        "snips": (weights * rewards, weights),
        "doubly_robust": (scores, np.ones(300)),
    }

    def error_of(influence):
        return np.sqrt(40 / 39 * (np.bincount(units, influence) ** 2).sum())

    for estimator, (above, below) in expected.items():
        row = rows[estimator]
        value = above.sum() / below.sum()
        influence = (above - value * below) / below.sum()
        assert row["value"] == pytest.approx(value)
        assert row["standard_error"] == pytest.approx(error_of(influence))
        error = error_of(influence - base)
        assert row["effect_standard_error"] == pytest.approx(error)
        totals = np.bincount(units, weights)
        effective = totals.sum() ** 2 / (totals @ totals)
        assert row["effective_unit_count"] == pytest.approx(effective)
        half = stats.t.ppf(0.95, effective - 1) * error
        assert row["effect_lower"] == pytest.approx(row["effect"] - half)


def test_the_logged_policy_itself_has_no_effect():
    random = np.random.default_rng(2)
    rewards = random.integers(0, 2, 500)
    rows = by_estimator(logged(np.ones(500), rewards, 0.3 + rewards - 0.3))
    for row in rows.values():
        assert row["value"] == pytest.approx(rewards.mean())
        assert row["effect"] == pytest.approx(0, abs=1e-12)
        assert row["effect_standard_error"] == pytest.approx(0, abs=1e-9)
        assert row["effective_sample_size"] == pytest.approx(500)


def test_scaling_rewards_scales_everything():
    random = np.random.default_rng(3)
    weights, rewards = random.uniform(0, 3, 200), random.integers(0, 2, 200)
    one = by_estimator(logged(weights, rewards))
    ten = by_estimator(logged(weights, 10 * rewards))
    for estimator, row in one.items():
        for name in NUMBERS:
            assert ten[estimator][name] == pytest.approx(10 * row[name])


class World:
    """A logging and a target policy over four arms whose rewards depend on a context.

    The logged policy prefers arm 0, the target policy arm 3.
    """

    rates = np.array([[0.1, 0.3, 0.2, 0.5], [0.4, 0.2, 0.3, 0.3]])
    logging = np.array([[0.4, 0.3, 0.2, 0.1], [0.5, 0.2, 0.1, 0.2]])
    target = np.array([[0.1, 0.1, 0.2, 0.6], [0.0, 0.3, 0.2, 0.5]])
    truth = (target * rates).sum(axis=1).mean()
    logged_truth = (logging * rates).sum(axis=1).mean()

    def log(self, random, size, guess, per_unit=1):
        """Draw a log of `size` units; those of several exposures see the same arm."""
        context = random.integers(0, 2, size)
        arm = (random.random(size)[:, None] > self.logging[context].cumsum(axis=1)).sum(
            axis=1
        )
        units = np.repeat(np.arange(size), per_unit)
        context, arm = context[units], arm[units]
        rewards = random.random(len(units)) < self.rates[context, arm]
        weights = self.target[context, arm] / self.logging[context, arm]
        guessed = (self.target * guess).sum(axis=1)[context]
        scores = guessed + weights * (rewards - guess[context, arm])
        return logged(weights, rewards, scores, units)


@pytest.mark.parametrize("per_unit", [1, 3])
def test_estimates_are_unbiased_and_intervals_hold_the_truth(per_unit):
    # 1,500 logs of 400 units: four standard errors of a share of 95 % are 2.3 points;
    # normal intervals of skewed sums miss a little more.
    random = np.random.default_rng(5)
    world = World()
    guess = world.rates + 0.1
    logs = [
        world.log(random, 400, guess, per_unit) | {"policy_name": f"{number:04d}"}
        for number in range(1500)
    ]
    found = values_of(*logs)
    estimators = np.array(found["estimator"])
    columns = {name: np.array(found[name]) for name in NUMBERS}
    errors = {}
    for estimator in ("ips", "snips", "doubly_robust"):
        of = {name: column[estimators == estimator] for name, column in columns.items()}
        value, spread = of["value"].mean(), of["value"].std()
        errors[estimator] = spread
        # SNIPS has a bias of the order of 1 / units.
        bias = 0.003 if estimator == "snips" else 0
        assert value == pytest.approx(
            world.truth, abs=4 * spread / np.sqrt(1500) + bias
        )
        assert of["standard_error"].mean() == pytest.approx(spread, rel=0.08)
        assert of["effect_standard_error"].mean() == pytest.approx(
            of["effect"].std(), rel=0.08
        )
        for name, truth in [
            ("value", world.truth),
            ("effect", world.truth - world.logged_truth),
        ]:
            inside = (of[f"{name}_lower"] < truth) & (truth < of[f"{name}_upper"])
            assert inside.mean() == pytest.approx(0.95, abs=0.028)
    assert errors["doubly_robust"] < errors["ips"]
    assert errors["snips"] < errors["ips"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("log", "status"),
    [
        (([], []), "no exposures"),
        (([0, 0, 0], [1, 0, 1]), "no overlap"),
        (([9, 0.1, 0.1], [1, 0, 1]), "too few units"),
        (([1, 2, 1], [0, 0, 0]), "no variation"),
        (([1, 2, 1], [1, 0, 1]), "ok"),
    ],
)
def test_status_says_why_there_are_no_estimates(log, status):
    for row in values_of(logged(*log)).to_pylist():
        assert row["status"] == status
        assert all((row[name] is not None) == (status == "ok") for name in NUMBERS)
        assert row["exposure_count"] == len(log[0])


def test_a_hundred_effective_exposures_of_thirty_units_are_asked_for():
    def statuses(exposures, units):
        rewards, of = np.arange(exposures) % 2, np.arange(exposures) % units
        log = logged(np.ones(exposures), rewards, units=of)
        table = pa.Table.from_pylist([log], schema=LOGGED_SCHEMA)
        return set(policy_values(table)["status"].to_pylist())

    assert statuses(100, 100) == statuses(990, 31) == {"ok"}
    assert statuses(99, 99) == statuses(990, 29) == {"too few units"}


def test_what_the_log_never_shows_has_no_value():
    # A policy that half of the time shows what the log never does.
    random = np.random.default_rng(9)
    weights = random.choice([0.5, 1.0, 0.0], 400)
    rewards = random.integers(0, 2, 400)
    log = logged(weights, rewards, coverage=0.5)
    rows = by_estimator(log, minimum_coverage=0.95)
    assert {row["status"] for row in rows.values()} == {"partial overlap"}
    assert rows["ips"]["value"] is rows["doubly_robust"]["effect"] is None
    # Whatever share that is, the rest has the same weights relative to each other.
    whole = by_estimator(logged(2 * weights, rewards), minimum_coverage=0.95)
    assert whole["snips"]["status"] == "ok"
    for name in NUMBERS:
        assert rows["snips"][name] == pytest.approx(whole["snips"][name])


def test_policies_are_apart_and_row_order_is_free():
    random = np.random.default_rng(6)
    logs = [
        logged(random.uniform(0, 2, 50), random.integers(0, 2, 50))
        | {"policy_name": name}
        for name in ("a", "b", "c")
    ]
    found = values_of(*logs)
    assert values_of(*logs[::-1]).equals(found)
    alone = pa.concat_tables([values_of(log) for log in logs])
    assert found.equals(alone.combine_chunks())
    assert values_of().equals(POLICY_VALUES_SCHEMA.empty_table())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sum_w": None}, "sum_w has 1 nulls, must be 0"),
        ({"sum_w": -1.0}, r"sum_w == -1\.0 \(policy_name 'p'\), must be >= 0"),
        ({"sum_rr": float("inf")}, "sum_rr == inf"),
        ({"unit_count": -1}, "unit_count == -1"),
    ],
)
def test_bad_logs_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        values_of(logged([1, 2], [0, 1]) | change)


def test_bad_arguments_are_named():
    log = logged([1, 2], [0, 1])
    with pytest.raises(ValueError, match=r"policy_name == 'p' .* must be unique"):
        values_of(log, log)
    with pytest.raises(ValueError, match="confidence_level == 0, must be > 0"):
        values_of(log, confidence_level=0)
    with pytest.raises(ValueError, match=r"minimum_effective_units == 1, must be >= 2"):
        values_of(log, minimum_effective_units=1)
    with pytest.raises(ValueError, match=r"minimum_coverage == -1, must be >= 0"):
        values_of(log, minimum_coverage=-1)
