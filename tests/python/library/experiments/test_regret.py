import numpy as np
import pyarrow as pa
import pytest

from mercato.experiments.regret import REGRET_SCHEMA, regret_simulation

PLAN = {"horizon": 2000, "batch": 100, "runs": 200, "seed": 1}


@pytest.fixture
def rates(counted_of, statistics_of):
    """Rates of 10, 20 and 15 %."""
    return statistics_of(
        counted_of("A", True, 100, 10),
        counted_of("B", False, 100, 20),
        counted_of("C", False, 100, 15),
    )


@pytest.fixture
def means(arm_of, statistics_of):
    """Means of 2 and 3 with a standard deviation of about 1.4."""
    return statistics_of(
        arm_of("A", True, [1, 3] * 50, experiment_id="f"),
        arm_of("B", False, [2, 4] * 50, experiment_id="f"),
    )


def of_policy(table, policy, name="cumulative_regret"):
    rows = [row for row in table.to_pylist() if row["policy"] == policy]
    return np.array([row[name] for row in rows], dtype=float)


def test_an_even_split_loses_the_mean_gap_with_every_unit(rates):
    found = regret_simulation(rates, **PLAN)
    expected = 0.05 * np.arange(100, 2001, 100)
    assert of_policy(found, "even_split") == pytest.approx(expected)
    assert of_policy(found, "even_split", "best_arm_share") == pytest.approx(1 / 3)
    error = of_policy(found, "even_split", "cumulative_regret_standard_error")
    assert error == pytest.approx(0)


@pytest.mark.parametrize("kind", ["rates", "means"])
def test_those_who_learn_lose_less_and_less(kind, request):
    table = request.getfixturevalue(kind)
    found = regret_simulation(table, **PLAN, exploration_floor=0)
    even = of_policy(found, "even_split")
    for policy in ("thompson", "epsilon_greedy"):
        regret = of_policy(found, policy)
        assert (np.diff(regret) >= 0).all()
        assert regret[-1] < even[-1] / 2
    regret = of_policy(found, "thompson")
    # Sublinear: the second half costs less than a third of the first.
    assert regret[-1] - regret[9] < regret[9] / 3
    assert of_policy(found, "thompson", "best_arm_share")[-1] > 0.9


def test_floors_cost_in_the_long_run(rates):
    found = regret_simulation(rates, **PLAN, exploration_floor=0.1, epsilon=0.3)
    # Once the best arm is known, a tenth of the units goes to each of the other two.
    slope = np.diff(of_policy(found, "thompson"))[-5:].mean()
    assert slope == pytest.approx(100 * 0.1 * (0.1 + 0.05), rel=0.5)
    assert (of_policy(found, "epsilon_greedy", "best_arm_share") <= 0.8 + 1e-9).all()
    even = regret_simulation(rates, **PLAN, exploration_floor=1, epsilon=1)
    for policy in ("thompson", "epsilon_greedy"):
        assert of_policy(even, policy) == pytest.approx(of_policy(even, "even_split"))


def test_agrees_with_a_simulation_of_unit_after_unit(counted_of, statistics_of):
    # Batches of one unit, two arms, and the rule written down once more.
    table = statistics_of(counted_of("A", True, 10, 2), counted_of("B", False, 10, 8))
    plan = {"horizon": 30, "batch": 1, "seed": 3, "runs": 400}
    found = regret_simulation(table, **plan, exploration_floor=0)
    random = np.random.default_rng(8)
    regrets = []
    for _ in range(400):
        hits, misses, regret = np.zeros(2), np.zeros(2), 0.0
        for _ in range(30):
            arm = random.beta(1 + hits, 1 + misses).argmax()
            regret += 0.6 * (arm == 0)
            hit = random.random() < (0.2, 0.8)[arm]
            hits[arm] += hit
            misses[arm] += not hit
        regrets.append(regret)
    error = np.std(regrets) / np.sqrt(400)
    assert of_policy(found, "thompson")[-1] == pytest.approx(
        np.mean(regrets), abs=4 * np.sqrt(2) * error
    )


def test_arms_alike_cost_nothing(counted_of, statistics_of):
    table = statistics_of(*(counted_of(name, False, 50, 5) for name in "AB"))
    found = regret_simulation(table, **PLAN)
    for policy in ("thompson", "epsilon_greedy", "even_split"):
        assert of_policy(found, policy) == pytest.approx(0)
        assert of_policy(found, policy, "best_arm_share") == pytest.approx(1)


@pytest.mark.parametrize("kind", ["rates", "means"])
def test_less_is_better_where_the_direction_says_so(kind, request):
    table = request.getfixturevalue(kind)
    place = table.schema.get_field_index("direction")
    turned = table.set_column(place, "direction", pa.array(["decrease"] * len(table)))
    found = regret_simulation(turned, **PLAN)
    gap = {"rates": 0.05, "means": 0.5}[kind]
    assert of_policy(found, "even_split")[-1] == pytest.approx(2000 * gap)
    assert of_policy(found, "thompson")[-1] < 2000 * gap / 2


def test_rows_are_reproducible_and_apart(rates, means):
    both = pa.concat_tables([means, rates])
    found = regret_simulation(both, **PLAN)
    alone = [regret_simulation(table, **PLAN) for table in (rates, means)]
    assert found.equals(pa.concat_tables(alone).combine_chunks())
    backwards = both.take(list(range(both.num_rows))[::-1])
    assert regret_simulation(backwards, **PLAN).equals(found)
    other = regret_simulation(both, **PLAN | {"seed": 2})
    assert not np.array_equal(
        of_policy(other, "thompson"), of_policy(found, "thompson")
    )


def test_the_last_batch_takes_what_is_left(rates):
    found = regret_simulation(rates, horizon=25, batch=10, runs=1, seed=0)
    assert of_policy(found, "thompson", "unit_count").tolist() == [10, 20, 25]
    assert of_policy(found, "thompson", "batch_number").tolist() == [1, 2, 3]
    assert found["cumulative_regret_standard_error"].null_count == 9


@pytest.mark.filterwarnings("error")
def test_experiments_without_a_truth_are_left_out(counted_of, arm_of, statistics_of):
    table = statistics_of(
        counted_of("A", True, 10, 1, experiment_id="one"),
        *(arm_of(name, False, [1, 2], metric_kind="ratio") for name in "AB"),
        arm_of("A", False, [1, 2], experiment_id="few"),
        arm_of("B", False, [1], experiment_id="few"),
        *(counted_of(name, False, 9, 1, is_primary=False) for name in "CD"),
    )
    assert regret_simulation(table, **PLAN).equals(REGRET_SCHEMA.empty_table())
    empty = regret_simulation(table.slice(0, 0), **PLAN)
    assert empty.equals(REGRET_SCHEMA.empty_table())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 0}, r"horizon == 0, must be >= 1\."),
        ({"batch": 0}, r"batch == 0, must be >= 1\."),
        ({"runs": 0}, r"runs == 0, must be >= 1\."),
        ({"epsilon": 2}, r"epsilon == 2, must be >= 0 and <= 1\."),
        ({"exploration_floor": -1}, "exploration_floor == -1"),
    ],
)
def test_bad_arguments_are_named(rates, options, message):
    with pytest.raises(ValueError, match=message):
        regret_simulation(rates, **PLAN | options)
