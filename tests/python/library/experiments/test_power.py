import numpy as np
import pyarrow as pa
import pytest
from statsmodels.stats.power import NormalIndPower

from mercato.experiments.power import POWER_SCHEMA, power_results
from mercato.experiments.statistics import PRODUCTS, VARIABLES


def metric(metric_id, kind, y, d=None, x=None, w=None, units_per_day=100.0):
    """Lay the units of one metric out as a row of the baseline."""
    given = {"y": y, "d": d, "x": x, "w": w}
    values = {
        name: np.zeros(len(y)) if of is None else np.asarray(of, dtype=float)
        for name, of in given.items()
    }
    return {
        "metric_id": metric_id,
        "metric_kind": kind,
        "unit_count": len(y),
        "units_per_day": units_per_day,
        "covered_days": 28,
        **{f"sum_{name}": float(values[name].sum()) for name in VARIABLES},
        **{f"sum_{a}{b}": float(values[a] @ values[b]) for a, b in PRODUCTS},
    }


def plan(*metrics, **arguments):
    return power_results(pa.Table.from_pylist(list(metrics)), **arguments).to_pylist()


def tenth(**arguments):
    return metric("m", "proportion", np.arange(1000) < 100, **arguments)


def test_proportion_by_hand():
    after, *_ = rows = plan(tenth(), effects=(0.2,), days=(14,))
    assert [row["is_adjusted"] for row in rows] == [False, True, False, True]
    units = rows[2]
    assert units["question"] == "units for an effect"
    assert (units["units_per_variant"], units["unit_count"]) == (3835, 7670)
    assert units["duration_days"] == 77
    assert (units["baseline_value"], units["effect"]) == pytest.approx((0.1, 0.02))
    assert units["variance_reduction"] == 0
    assert rows[3]["status"] == "no covariate"
    assert rows[3]["units_per_variant"] is None
    assert after["units_per_variant"] == 700
    expected = NormalIndPower().solve_power(nobs1=700, alpha=0.05, power=0.8)
    changed = np.sin(np.arcsin(np.sqrt(0.1)) + expected / 2) ** 2
    assert after["relative_effect"] == pytest.approx(changed / 0.1 - 1, rel=1e-5)


def test_mean_with_covariate():
    rng = np.random.default_rng(1)
    x = rng.normal(10, 2, 500)
    y = x + rng.normal(0, 1, 500)
    rows = plan(metric("m", "mean", y, x=x), effects=(0.05,), days=(7,))
    correlation = np.corrcoef(x, y)[0, 1]
    for row, reduction in zip(rows, (0, correlation**2) * 2, strict=True):
        assert row["variance_reduction"] == pytest.approx(reduction)
        assert row["standard_deviation"] == pytest.approx(y.std(ddof=1))
        size = row["effect"] / (y.std(ddof=1) * np.sqrt(1 - reduction))
        units = NormalIndPower().solve_power(size, alpha=0.05, power=0.8)
        expected = np.ceil(units) if row["question"] == "units for an effect" else 350
        assert row["units_per_variant"] == pytest.approx(expected)


def test_ratio_by_the_delta_method():
    rng = np.random.default_rng(2)
    d, w = rng.poisson(3, (2, 800)) + 1.0
    y, x = d * rng.uniform(1, 2, 800), w * rng.uniform(1, 2, 800)
    plain, adjusted = plan(metric("m", "ratio", y, d, x, w), effects=(0.05,), days=())
    ratio = y.sum() / d.sum()
    residual = (y - ratio * d) / d.mean()
    before = (x - x.sum() / w.sum() * w) / w.mean()
    assert plain["standard_deviation"] == pytest.approx(residual.std(ddof=1))
    assert plain["baseline_value"] == pytest.approx(ratio)
    assert plain["method"] == "delta"
    correlation = np.corrcoef(residual, before)[0, 1]
    assert adjusted["variance_reduction"] == pytest.approx(correlation**2)


def test_rows_are_sorted_and_their_order_does_not_matter():
    rng = np.random.default_rng(3)
    metrics = [
        metric(name, kind, rng.integers(0, 2, 100), d=np.ones(100))
        for name, kind in (("b", "retention"), ("c", "ratio"), ("a", "count"))
    ]
    rows = plan(*metrics, effects=(0.2, 0.1), days=(14, 7))
    assert rows == plan(*metrics[::-1], effects=(0.1, 0.2), days=(7, 14))
    assert [row["metric_id"] for row in rows] == sorted("abc" * 8)
    assert [row["duration_days"] for row in rows[:2]] == [7, 14]
    assert [row["relative_effect"] for row in rows[4:6]] == [0.1, 0.2]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("row", "status"),
    [
        (metric("m", "mean", []), "no exposures"),
        (metric("m", "mean", [2.0]), "too few units"),
        (metric("m", "mean", [2.0, 2.0]), "no variation"),
        (metric("m", "mean", [-2.0, 1.0]), "value not above 0"),
        (metric("m", "ratio", [2.0, 1.0]), "no denominator"),
    ],
)
def test_metrics_without_a_plan(row, status):
    for planned in plan(row):
        assert planned["status"] == status
        if planned["question"] == "units for an effect":
            assert planned["units_per_variant"] is None
        else:
            assert planned["relative_effect"] is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("units_per_day", [0.0, None, 0.1])
def test_no_traffic(units_per_day):
    after, _, units, _ = plan(
        tenth(units_per_day=units_per_day), effects=(0.2,), days=(7,)
    )
    assert (after["status"], after["relative_effect"]) == ("no traffic", None)
    assert (units["status"], units["units_per_variant"]) == ("ok", 3835)
    assert units["duration_days"] == (76_700 if units_per_day else None)


def test_out_of_reach():
    after, _, units, _ = plan(
        metric("m", "proportion", np.arange(100) < 90), effects=(0.2,), days=(7,)
    )
    assert (units["status"], units["unit_count"]) == ("out of reach", None)
    assert after["status"] == "ok"
    after, *_ = plan(
        metric("m", "proportion", np.arange(100) < 90, units_per_day=2.0),
        effects=(),
        days=(7,),
    )
    assert (after["status"], after["relative_effect"]) == ("out of reach", None)


def test_nothing_to_plan():
    quantile = pa.Table.from_pylist([metric("m", "quantile", [1.0, 2.0])])
    planned = power_results(quantile)
    assert planned.schema == POWER_SCHEMA
    assert planned.num_rows == 0


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"effects == 0, must be > -1 and not 0"):
        plan(tenth(), effects=(0.1, 0))
    with pytest.raises(ValueError, match=r"days == 0, must be >= 1"):
        plan(tenth(), days=(0,))
    with pytest.raises(ValueError, match=r"power == 1, must be > 0 and < 1"):
        plan(tenth(), power=1)
    with pytest.raises(ValueError, match=r"variant == .* must be unique"):
        plan(tenth(), tenth())
