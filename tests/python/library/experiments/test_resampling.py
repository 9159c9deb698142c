import numpy as np
import pyarrow as pa
import pytest

from mercato.experiments.populations import expectation, plant, read_populations
from mercato.experiments.resampling import simulated
from mercato.experiments.statistics import PRODUCTS, VARIABLES, read_arms

# By the digits of a sum of y one can tell which units were drawn how often.
Y = [1.0, 10.0, 100.0, 1000.0]
D = [1.0, 0.0, 2.0, 5.0]
X = [3.0, -1.0, 0.5, 0.0]
W = [1.0, 1.0, 0.0, 2.0]


def population_of(kind, y):
    rows = [
        {
            "metric_id": "m",
            "metric_kind": kind,
            "direction": "increase",
            "unit_id": str(unit),
            "stratum": "even" if unit % 2 == 0 else "odd",
            "day_number": unit,
            "y": y[unit],
            "d": D[unit],
            "x": X[unit],
            "w": W[unit],
        }
        for unit in range(4)
    ]
    (population,) = read_populations(pa.Table.from_pylist(rows), looks=4)
    return population


def simulate(population, effect, count, seed=1):
    (experiments,) = simulated(
        population,
        plant(population, effect),
        simulation_count=count,
        random=np.random.default_rng(seed),
    )
    return experiments


def test_sums_are_those_of_the_drawn_units():
    experiments = simulate(population_of("ratio", Y), 1.0, 50)
    rows = experiments.statistics.to_pylist()
    days = experiments.statistics_by_day.to_pylist()
    assert len(rows) == 50 * 2 * 3
    assert len(days) == 50 * 2 * 4
    units = {}
    for row in rows:
        if row["segment_dimension"] == "all":
            factor = 1 if row["is_control"] else 2
            digits = f"{row['sum_y'] / factor:04.0f}"[::-1]
            units[row["experiment_id"], row["variant"]] = [int(n) for n in digits]
    for row in rows:
        counts = np.array(units[row["experiment_id"], row["variant"]])
        if row["segment_dimension"] == "stratum":
            counts[1 if row["segment_value"] == "even" else 0 :: 2] = 0
        hold(row, counts, [*VARIABLES, *PRODUCTS])
    for row in days:
        counts = np.array(units[row["experiment_id"], row["variant"]])
        counts[row["observed_date"].day :] = 0
        hold(row, counts, ["y", "d", "yy", "yd", "dd"])
        assert row["sum_x"] == 0


def hold(row, counts, names):
    y = np.array(Y) * (1 if row["is_control"] else 2)
    of = {"y": y, "d": np.array(D), "x": np.array(X), "w": np.array(W)}
    assert row["unit_count"] == counts.sum()
    for name in names:
        product = np.prod([of[letter] for letter in name], axis=0)
        assert row[f"sum_{name}"] == pytest.approx(counts @ product)


def test_experiments_have_as_many_units_as_there_are():
    rows = simulate(population_of("mean", Y), 0.0, 2000).statistics
    arms = read_arms(rows)
    whole = np.equal(arms.rows["segment_dimension"].to_numpy(), "all")
    count = arms.count[whole].reshape(-1, 2)
    assert (count.sum(axis=1) == 4).all()
    # The treated arm has 2 of 4 on average, with the variance of a fair coin.
    assert count[:, 1].mean() == pytest.approx(2, abs=0.06)
    assert count[:, 1].var() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("kind", "y", "effect"),
    [("mean", Y, 0.3), ("ratio", Y, 0.3), ("proportion", [1.0, 0.0, 0.0, 0.0], 2.0)],
)
def test_arms_are_on_average_what_is_expected(kind, y, effect):
    population = population_of(kind, y)
    days = simulate(population, effect, 2000).statistics_by_day
    y, d, count = (
        days[name].to_numpy().reshape(-1, 2, 4).sum(axis=0)
        for name in ("sum_y", "sum_d", "unit_count")
    )
    found = y / (d if kind == "ratio" else count)
    for arm, planted in enumerate((0.0, effect)):
        truth = expectation(plant(population, planted))
        np.testing.assert_allclose(found[arm], truth.by_day, rtol=0.1)
        assert truth.by_day[-1] == pytest.approx(truth.value)


def test_converted_units_count_as_converted_from_their_first_day():
    population = population_of("proportion", [1.0, 0.0, 0.0, 0.0])
    rows = simulate(population, 3.0, 100).statistics_by_day.to_pylist()
    for row in rows:
        assert row["sum_y"] == row["sum_yy"] <= row["unit_count"]
        if not row["is_control"]:
            # Raised to a rate of 1.
            assert row["sum_y"] == row["unit_count"]


def test_the_seed_decides():
    population = population_of("mean", Y)
    first, again, other = (simulate(population, 0.1, 20, seed) for seed in (1, 1, 2))
    assert first.statistics.equals(again.statistics)
    assert not first.statistics.equals(other.statistics)


def test_more_experiments_come_in_blocks():
    population = population_of("mean", Y)
    blocks = list(
        simulated(
            population,
            plant(population, 0),
            simulation_count=4500,
            random=np.random.default_rng(1),
        )
    )
    assert [of.statistics.num_rows // 6 for of in blocks] == [2000, 2000, 500]
