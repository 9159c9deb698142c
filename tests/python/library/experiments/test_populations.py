import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mercato.experiments.populations import (
    detectable_effect,
    expectation,
    plant,
    read_populations,
)

# unit a comes on day 0 and orders for 3 and 5 on days 1 and 9; b comes on day 2.
ROWS = [
    {"unit_id": "a", "day_number": 0, "stratum": "old", "y": 0, "d": 0, "x": 4, "w": 1},
    {"unit_id": "a", "day_number": 1, "stratum": "old", "y": 3, "d": 1, "x": 4, "w": 1},
    {"unit_id": "a", "day_number": 9, "stratum": "old", "y": 8, "d": 2, "x": 4, "w": 1},
    {"unit_id": "b", "day_number": 2, "stratum": "new", "y": 1, "d": 1, "x": 0, "w": 0},
]
METRIC = {"metric_id": "m", "metric_kind": "ratio", "direction": "increase"}


def populations(rows, **keys):
    return read_populations(
        pa.Table.from_pylist([METRIC | row | keys for row in rows]), looks=4
    )


@pytest.fixture
def population_of():
    """Give the way to make a population from the values of its units."""

    def population_of(y, kind, d=None):
        d = np.zeros(len(y)) if d is None else d
        rows = [
            {
                "unit_id": f"{unit:04d}",
                "day_number": unit % 3,
                "stratum": "s",
                "y": float(y[unit]),
                "d": float(d[unit]),
                "x": 0.0,
                "w": 0.0,
            }
            for unit in range(len(y))
        ]
        (population,) = populations(rows, metric_kind=kind)
        return population

    return population_of


def test_a_row_holds_until_the_next():
    (population,) = populations(ROWS)
    assert population.values.tolist() == [[8, 2, 4, 1], [1, 1, 0, 0]]
    assert population.strata == ("new", "old")
    assert population.stratum.tolist() == [1, 0]
    assert population.is_there.tolist() == [[1, 1, 1, 1], [0, 0, 1, 1]]
    assert population.values_by_day[:, :, 0].tolist() == [[0, 3, 3, 3], [0, 0, 1, 1]]
    assert population.values_by_day[:, :, 1].tolist() == [[0, 1, 1, 1], [0, 0, 1, 1]]


def test_neither_order_nor_other_metrics_matter():
    other = [METRIC | row | {"metric_id": "a", "y": 9} for row in ROWS]
    rows = other + [METRIC | row for row in ROWS[::-1]]
    both = read_populations(pa.Table.from_pylist(rows), looks=4)
    assert [population.metric_id for population in both] == ["a", "m"]
    (alone,) = populations(ROWS)
    for found, expected in zip(both[1], alone, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_nobody_is_no_population():
    assert read_populations(pa.Table.from_pylist([METRIC | ROWS[0]]).slice(0, 0)) == []
    with pytest.raises(ValueError, match="looks == 0, must be >= 1"):
        read_populations(pa.Table.from_pylist([METRIC | ROWS[0]]), looks=0)


def test_an_effect_on_a_ratio_multiplies():
    (population,) = populations(ROWS)
    treatment = plant(population, 0.5)
    assert expectation(plant(population, 0)).value == 3
    assert expectation(treatment).value == 4.5
    by_day = expectation(treatment).by_day
    np.testing.assert_allclose(by_day, [np.nan, 4.5, 3, 3])
    assert not treatment.converted_share.any()


def test_an_effect_on_a_rate_converts_others(population_of):
    population = population_of([1, 0, 0, 0, 0], "proportion")
    treatment = plant(population, 1.0)
    # One of the four has to convert too, each with a chance of a quarter.
    assert treatment.converted_share.tolist() == [0, 0.25, 0.25, 0.25, 0.25]
    assert treatment.converted.values[:, 0].tolist() == [1] * 5
    assert expectation(treatment).value == pytest.approx(0.4)
    # On the first day the converted unit is there and one other.
    assert expectation(treatment).by_day[0] == pytest.approx((1 + 0.25) / 2)


@pytest.mark.parametrize("y", [[0, 0, 0], [1, 1, 1]])
def test_rates_of_none_and_all_have_no_effect(population_of, y):
    population = population_of(y, "proportion")
    assert not population.varies
    assert detectable_effect(population) == 0
    assert expectation(plant(population, 0)).value == y[0]


def test_bad_effects_are_refused(population_of):
    population = population_of([1, 0], "proportion")
    with pytest.raises(ValueError, match=r"relative_effect == -0.1, must be >= 0\."):
        plant(population, -0.1)
    with pytest.raises(ValueError, match=r"relative_effect == 1.5, must be <= 1.0\."):
        plant(population, 1.5)


@pytest.mark.parametrize(
    ("kind", "d"), [("mean", None), ("ratio", "some"), ("proportion", None)]
)
def test_the_detectable_effect_has_the_power(population_of, kind, d):
    random = np.random.default_rng(3)
    y = random.gamma(2, 3, 3000) if kind != "proportion" else np.arange(3000) % 10 == 0
    d = random.poisson(3, 3000) if d else None
    population = population_of(y, kind, d)
    effect = detectable_effect(population, alpha=0.1, power=0.7)
    # The spread of what a ratio is made of, d being known.
    value = y.sum() / (len(y) if d is None else d.sum())
    deviation = np.std(y if d is None else (y - value * d) / d.mean())
    raised = deviation * (1 + effect)
    if kind == "proportion":
        raised = np.sqrt(0.1 * (1 + effect) * (1 - 0.1 * (1 + effect)))
    error = np.hypot(deviation, raised) / np.sqrt(1500)
    power = stats.norm.sf(stats.norm.isf(0.05) - value * effect / error)
    assert power == pytest.approx(0.7, abs=1e-6)


def test_effects_end_where_an_experiment_does(population_of):
    assert detectable_effect(population_of([100, *[0] * 99], "mean")) == 3
    rate = population_of([*[1] * 5, *[0] * 5], "proportion")
    assert detectable_effect(rate) == pytest.approx(0.9)
