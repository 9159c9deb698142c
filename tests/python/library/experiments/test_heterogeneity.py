import numpy as np
import pyarrow as pa
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from mercato.experiments.heterogeneity import between_segments, cochran_q
from mercato.experiments.means import welch
from mercato.experiments.results import RESULTS_SCHEMA
from mercato.experiments.statistics import PRODUCTS, VARIABLES, pair, read_arms


def arm(dimension, segment, variant, values):
    sums = {f"sum_{name}": 0.0 for name in [*VARIABLES, *PRODUCTS]}
    return sums | {
        "experiment_id": "e",
        "metric_id": "m",
        "segment_dimension": dimension,
        "segment_value": segment,
        "variant": variant,
        "metric_kind": "mean",
        "direction": "increase",
        "is_control": variant == "a",
        "is_primary": True,
        "is_guardrail": False,
        "unit_count": len(values),
        "sum_y": np.sum(values),
        "sum_yy": np.sum(np.square(values)),
    }


def results(arms):
    read = read_arms(pa.Table.from_pylist(arms))
    pairs = pair(read)
    return between_segments(read, pairs, welch(read, pairs)).to_pylist()


def test_agrees_with_statsmodels():
    rng = np.random.default_rng(1)
    sizes = [2, 5, 9]
    group = np.repeat(np.arange(3), sizes)
    effect, variance = rng.normal(0, 1.5, 16), rng.uniform(0.5, 2, 16)
    found = cochran_q(effect, variance, group)
    for number in range(3):
        rows = group == number
        expected = combine_effects(effect[rows], variance[rows])
        assert found.statistic[number] == pytest.approx(expected.q)
        assert found.i_squared[number] == pytest.approx(max(expected.i2, 0))
        homogeneity = expected.test_homogeneity()
        assert found.p_value[number] == pytest.approx(homogeneity.pvalue)
        assert found.degrees_of_freedom[number] == homogeneity.df
    order = rng.permutation(16)
    again = cochran_q(effect[order], variance[order], group[order])
    assert again.statistic == pytest.approx(found.statistic)
    scaled = cochran_q(-3 * effect + 1, 9 * variance, group)
    assert scaled.statistic == pytest.approx(found.statistic)


@pytest.mark.filterwarnings("error")
def test_what_is_undefined_takes_no_part():
    effect = np.array([1.0, 3.0, np.nan, 9.0, 1.0, 2.0, 2.0])
    variance = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    found = cochran_q(effect, variance, np.array([0, 0, 0, 0, 1, 3, 3]))
    assert found.statistic[0] == 2.0
    assert np.isnan(found.p_value).tolist() == [False, True, True, False]
    assert (found.p_value[3], found.i_squared[3]) == (1.0, 0.0)
    assert cochran_q(np.array([]), np.array([]), np.array([], int)).p_value.size == 0


def test_lengths_must_agree():
    with pytest.raises(ValueError, match=r"len\(variance\) == 1, must be 2"):
        cochran_q(np.zeros(2), np.ones(1), np.zeros(2, int))


def test_false_positives_over_simulated_segments():
    rng = np.random.default_rng(2)
    runs, segments, units = 5_000, 5, 100
    shape = (2, runs, segments)
    rate = rng.binomial(units, 0.3, shape) / units
    variance = rate * (1 - rate) / (units - 1)
    found = cochran_q(
        (rate[1] - rate[0]).ravel(),
        variance.sum(axis=0).ravel(),
        np.repeat(np.arange(runs), segments),
    )
    error = 3 * np.sqrt(0.05 * 0.95 / runs)
    assert (found.p_value < 0.05).mean() == pytest.approx(0.05, abs=error)


def test_rows_for_each_dimension_and_variant():
    rng = np.random.default_rng(3)
    effects = {("country", "x"): 0, ("country", "y"): 2, ("device", "phone"): 0}
    arms = [
        arm(*segment, variant, rng.normal(effect * (variant == "b"), 1, 200))
        for segment, effect in effects.items()
        for variant in "abc"
    ]
    arms += [arm("all", "all", variant, rng.normal(size=600)) for variant in "abc"]
    arms += [arm("country", "tiny", variant, [5.0, 6.0]) for variant in "abc"]
    rows = results(rng.permutation(arms).tolist())
    assert [(r["segment_dimension"], r["variant"], r["status"]) for r in rows] == [
        ("country", "b", "ok"),
        ("country", "c", "ok"),
        ("device", "b", "one segment"),
        ("device", "c", "one segment"),
    ]
    assert rows[0]["p_value"] < 1e-6 < rows[1]["p_value"]
    assert rows[0]["degrees_of_freedom"] == 1
    assert (rows[0]["unit_count"], rows[0]["control_unit_count"]) == (400, 400)
    assert rows[0]["comparison"] == "between segments"
    assert rows[2]["p_value"] is None


def test_segments_of_few_orders_take_no_part():
    # 400 units each, but only 40 of them have an order to know a ratio from.
    arms = [
        arm("country", segment, variant, np.arange(400.0) < 40)
        | {"metric_kind": "ratio", "sum_d": 40.0, "sum_dd": 40.0, "sum_yd": 40.0}
        for segment in "xy"
        for variant in "ab"
    ]
    assert results(arms)[0]["status"] == "one segment"


def test_nothing_to_compare():
    everybody = [arm("all", "all", variant, [1.0, 2.0]) for variant in "ab"]
    assert results(everybody) == []
    no_control = [arm("country", "x", variant, [1.0, 2.0]) for variant in "bc"]
    assert results(no_control) == []
    empty = pa.Table.from_pylist(everybody)
    read = read_arms(empty.slice(0, 0))
    pairs = pair(read)
    rows = between_segments(read, pairs, welch(read, pairs))
    assert rows.schema == RESULTS_SCHEMA
