import itertools

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS

from mercato.experiments.factorial import factorial_results
from mercato.experiments.results import RESULTS_SCHEMA

TWO_BY_TWO = {"colour": ["red", "blue"], "size": ["small", "large"]}


def factors_of(levels, experiment="e", omitted=()):
    """Lay out a complete design; the first level of each factor is its reference."""
    return pa.Table.from_pylist(
        [
            {
                "experiment_id": experiment,
                "variant": "-".join(cell),
                "factor": factor,
                "level": level,
                "is_reference": level == levels[factor][0],
            }
            for cell in itertools.product(*levels.values())
            if "-".join(cell) not in omitted
            for factor, level in zip(levels, cell, strict=True)
        ]
    )


def draws(levels, mean, rng, least=20):
    """Draw units of each cell; sizes and spreads differ."""
    return {
        cell: rng.normal(mean(*cell), 1 + number / 4, least + 7 * number)
        for number, cell in enumerate(itertools.product(*levels.values()))
    }


@pytest.fixture
def results_of(arm_of, statistics_of):
    def results_of(cells, levels, **keys):
        arms = [
            arm_of("-".join(cell), number == 0, y, **keys)
            for number, (cell, y) in enumerate(cells.items())
        ]
        return factorial_results(statistics_of(*arms), factors_of(levels)).to_pylist()

    return results_of


def test_two_by_two_by_hand(counted_of, statistics_of):
    converted = {"red-small": 100, "red-large": 120, "blue-small": 150}
    converted |= {"blue-large": 210}
    arms = [
        counted_of(variant, variant == "red-small", 1000, hits)
        for variant, hits in converted.items()
    ]
    colour_and_size, colour, size = factorial_results(
        statistics_of(*arms), factors_of(TWO_BY_TWO)
    ).to_pylist()
    assert colour["variant"] == "colour=blue"
    assert colour["control_variant"] == "colour=red"
    assert colour["comparison"] == "main effect"
    assert (colour["value"], colour["control_value"]) == pytest.approx((0.18, 0.11))
    assert (colour["unit_count"], colour["control_unit_count"]) == (2000, 2000)
    assert colour["relative_effect"] == pytest.approx(0.07 / 0.11)
    assert size["effect"] == pytest.approx(0.165 - 0.125)
    variance = sum(p * (1 - p) / 999 for p in (0.1, 0.12, 0.15, 0.21))
    assert size["standard_error"] == pytest.approx(np.sqrt(variance) / 2)
    assert colour_and_size["comparison"] == "interaction"
    assert colour_and_size["variant"] == "colour=blue x size=large"
    assert colour_and_size["control_variant"] == "colour=red x size=small"
    # Blue adds 0.09 to the large, 0.05 to the small.
    assert colour_and_size["value"] == pytest.approx(0.09)
    assert colour_and_size["control_value"] == pytest.approx(0.05)
    assert colour_and_size["effect"] == pytest.approx(0.04)
    assert colour_and_size["standard_error"] == pytest.approx(np.sqrt(variance))
    assert colour_and_size["relative_effect"] is None
    p_values = sorted(row["p_value"] for row in (colour_and_size, colour, size))
    holm = sorted(row["holm_p_value"] for row in (colour_and_size, colour, size))
    assert holm[0] == pytest.approx(3 * p_values[0])
    assert {row["family_size"] for row in (colour, size)} == {3}


@pytest.mark.parametrize(
    "levels",
    [
        TWO_BY_TWO,
        {"colour": ["red", "blue", "green"], "size": ["large", "small"]},
        {"a": ["0", "1"], "b": ["0", "1"], "c": ["0", "1", "2"]},
    ],
)
def test_agrees_with_ordinary_least_squares(results_of, levels):
    # HC2 errors of a model with a mean for each cell are those of the cells' own
    # variances; effects averaged over cells are linear in its coefficients.
    rng = np.random.default_rng(1)
    cells = draws(levels, lambda *cell: len("".join(cell)), rng)
    rows = results_of(cells, levels)
    cell = np.repeat(np.arange(len(cells)), [len(y) for y in cells.values()])
    is_cell = (cell[:, None] == np.arange(len(cells))).astype(float)
    fit = OLS(np.concatenate(list(cells.values())), is_cell).fit(cov_type="HC2")
    for row in rows:
        weights = contrast_of(row, levels)
        test = fit.t_test(weights)
        assert row["effect"] == pytest.approx(test.effect[0])
        assert row["standard_error"] == pytest.approx(test.sd[0, 0])
        assert row["statistic"] == pytest.approx(test.tvalue[0, 0])
    pairs = itertools.combinations(levels.values(), 2)
    interactions = sum((len(a) - 1) * (len(b) - 1) for a, b in pairs)
    assert len(rows) == interactions + sum(len(of) - 1 for of in levels.values())


def contrast_of(row, levels):
    """Write the weights of a row's cells as a product over the factors.

    A factor in the row is its level less the reference, any other an average.
    """
    asked = dict(part.split("=") for part in row["variant"].split(" x "))
    weights = np.ones(1)
    for factor, of in levels.items():
        own = np.full(len(of), 1 / len(of))
        if factor in asked:
            own = np.array([(name == asked[factor]) - (name == of[0]) for name in of])
        weights = np.kron(weights, own)
    return weights


def test_one_factor_is_welch(results_of):
    rng = np.random.default_rng(2)
    levels = {"colour": ["red", "blue"]}
    cells = draws(levels, lambda colour: len(colour), rng)
    (row,) = results_of(cells, levels)
    expected = stats.ttest_ind(cells["blue",], cells["red",], equal_var=False)
    assert row["p_value"] == pytest.approx(expected.pvalue)
    assert row["degrees_of_freedom"] == pytest.approx(expected.df)
    bounds = expected.confidence_interval(0.95)
    assert row["effect_lower"] == pytest.approx(bounds.low)


def test_other_reference_flips_signs_and_scale_does_not_matter(results_of):
    rng = np.random.default_rng(3)
    cells = draws(TWO_BY_TWO, lambda *cell: 0, rng)
    rows = results_of(cells, TWO_BY_TWO)
    turned = {"colour": ["blue", "red"], "size": ["small", "large"]}
    other = results_of({cell: 5 * y for cell, y in cells.items()}, turned)
    for row, again, sign in zip(rows, other, (-1, -1, 1), strict=True):
        assert again["effect"] == pytest.approx(5 * sign * row["effect"])
        assert again["p_value"] == pytest.approx(row["p_value"])


def test_ratio_and_segments(arm_of, statistics_of):
    rng = np.random.default_rng(4)
    arms = []
    for dimension, segment in (("all", "all"), ("country", "x"), ("country", "y")):
        keys = {"segment_dimension": dimension, "segment_value": segment}
        for cell in itertools.product(*TWO_BY_TWO.values()):
            d = rng.poisson(3, 50) + 1.0
            y = d * rng.uniform(1, 2 + (cell[0] == "blue"), 50)
            name = "-".join(cell)
            arms.append(arm_of(name, False, y, d, metric_kind="ratio", **keys))
    rng.shuffle(arms)
    rows = factorial_results(statistics_of(*arms), factors_of(TWO_BY_TWO)).to_pylist()
    colour = [row for row in rows if row["variant"] == "colour=blue"]
    assert [row["segment_value"] for row in colour] == ["all", "x", "y"]
    assert [row["family_size"] for row in colour] == [3, 6, 6]
    for row in colour:
        assert row["effect"] == pytest.approx(0.5, abs=0.2)
        assert row["p_value"] < 0.001


def test_ratio_of_one_order_is_too_few(arm_of, statistics_of):
    names = ["red-small", "red-large", "blue-small", "blue-large"]
    d = np.array([1.0, 1.0, 1.0, 0.0])
    arms = [
        arm_of(name, False, d * [1, 2, 4, 0], d, metric_kind="ratio") for name in names
    ]
    one = arm_of("blue-large", False, [2, 0, 0], [1, 0, 0], metric_kind="ratio")
    factors = factors_of(TWO_BY_TWO)
    rows = factorial_results(statistics_of(*arms), factors).to_pylist()
    assert [row["status"] for row in rows] == ["ok"] * 3
    # Three orders carry each cell, not four units.
    assert rows[0]["degrees_of_freedom"] == pytest.approx(8)
    assert rows[0]["unit_count"] == 8
    rows = factorial_results(statistics_of(*arms[:3], one), factors).to_pylist()
    assert [row["status"] for row in rows] == ["too few units"] * 3


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda rows: rows[:2], "one variant"),
        (lambda rows: rows[:-2], "incomplete design"),
        (lambda rows: rows[:-1], "incomplete design"),
        (
            lambda rows: [row | {"is_reference": False} for row in rows],
            "no reference level",
        ),
        (
            lambda rows: [row | {"is_reference": True} for row in rows],
            "several reference levels",
        ),
        (
            lambda rows: [*rows, *(row | {"variant": "red-huge"} for row in rows[:2])],
            "several variants in a cell",
        ),
    ],
)
def test_designs_that_cannot_be_compared(arm_of, statistics_of, change, status):
    factors = change(factors_of(TWO_BY_TWO).to_pylist())
    names = ["red-small", "red-large", "blue-small", "blue-large"]
    arms = [arm_of(name, name == names[0], [1.0, 2.0]) for name in names]
    (row,) = factorial_results(
        statistics_of(*arms), pa.Table.from_pylist(factors)
    ).to_pylist()
    assert row["status"] == status
    assert (row["variant"], row["p_value"]) == (None, None)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("y", "keys", "status"),
    [
        ([2.0], {}, "too few units"),
        ([], {}, "no exposures"),
        (None, {}, "no exposures"),
        ([1.0, 2.0], {"metric_kind": "ratio"}, "no denominator"),
        ([1.0, 1.0], {}, "no variation"),
    ],
)
def test_cells_that_cannot_be_compared(arm_of, statistics_of, y, keys, status):
    constant = [1.0, 1.0, 1.0]
    names = ["red-small", "red-large", "blue-small"]
    arms = [arm_of(name, name == names[0], constant, **keys) for name in names]
    if y is not None:
        arms.append(arm_of("blue-large", False, y, **keys))
    rows = factorial_results(statistics_of(*arms), factors_of(TWO_BY_TWO)).to_pylist()
    assert [row["status"] for row in rows] == [status] * 3
    assert all(row["p_value"] is None for row in rows)
    assert all(row["effect_lower"] is None for row in rows)


def test_nothing_to_compare(arm_of, statistics_of):
    factors = factors_of(TWO_BY_TWO)
    results = factorial_results(statistics_of(), factors)
    assert results.schema == RESULTS_SCHEMA
    assert results.num_rows == 0
    plain = statistics_of(arm_of("a", True, [1.0, 2.0], experiment_id="other"))
    assert factorial_results(plain, factors).num_rows == 0
    assert factorial_results(plain, factors.slice(0, 0)).num_rows == 0


def test_arms_outside_the_design_are_left_out(arm_of, statistics_of):
    rng = np.random.default_rng(5)
    names = ["red-small", "red-large", "blue-small", "blue-large"]
    arms = [arm_of(name, False, rng.normal(size=30)) for name in names]
    holdout = arm_of("holdout", True, rng.normal(size=30))
    factors = factors_of(TWO_BY_TWO)
    expected = factorial_results(statistics_of(*arms), factors)
    assert factorial_results(statistics_of(*arms, holdout), factors).equals(expected)


def test_bad_arguments(statistics_of):
    factors = factors_of(TWO_BY_TWO)
    with pytest.raises(ValueError, match=r"level == 'blue' .* must be the only one"):
        factorial_results(statistics_of(), pa.concat_tables([factors, factors]))
    nulls = factors.set_column(3, "level", pa.nulls(8, pa.string()))
    with pytest.raises(ValueError, match=r"level has 8 nulls, must be 0"):
        factorial_results(statistics_of(), nulls)
    with pytest.raises(ValueError, match=r"confidence_level == 2, must be > 0 and < 1"):
        factorial_results(statistics_of(), factors, confidence_level=2)


def test_false_positives_and_coverage_over_simulated_experiments(statistics_of):
    # 700 metrics of one experiment: 12 units in the smallest cell, no effect at all.
    rng = np.random.default_rng(6)
    metrics, sizes = 700, [12, 20, 30, 40]
    tables = []
    for number, cell in enumerate(itertools.product(*TWO_BY_TWO.values())):
        y = rng.normal(3, 1 + number, (metrics, sizes[number]))
        columns = {
            name: pa.array([text] * metrics)
            for name, text in {
                "experiment_id": "e",
                "variant": "-".join(cell),
                "metric_kind": "mean",
                "direction": "increase",
                "is_control": number == 0,
                "is_primary": True,
                "is_guardrail": False,
            }.items()
        }
        columns["metric_id"] = pa.array([f"m{place}" for place in range(metrics)])
        columns["unit_count"] = pa.array([sizes[number]] * metrics)
        for field in statistics_of().schema.names:
            if field.startswith("sum_"):
                columns[field] = pa.array(np.zeros(metrics))
        columns["sum_y"] = pa.array(y.sum(axis=1))
        columns["sum_yy"] = pa.array((y**2).sum(axis=1))
        tables.append(pa.table(columns))
    results = factorial_results(pa.concat_tables(tables), factors_of(TWO_BY_TWO))
    error = 3 * np.sqrt(0.05 * 0.95 / metrics)
    p_value, name = results["p_value"].to_numpy(), results["variant"].to_numpy()
    for variant in set(name):
        found = (p_value[name == variant] < 0.05).mean()
        assert found == pytest.approx(0.05, abs=error)
    missed = results["effect_lower"].to_numpy() > 0
    missed |= results["effect_upper"].to_numpy() < 0
    assert missed.tolist() == (p_value < 0.05).tolist()
    corrected = (results["holm_p_value"].to_numpy() < 0.05).reshape(metrics, 3)
    assert corrected.any(axis=1).mean() < 0.05 + error
