import datetime

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mercato.experiments.confidence_sequences import reach
from mercato.experiments.sequential import (
    TIMELINE_SCHEMA,
    timeline,
)
from mercato.experiments.statistics import PRODUCTS, VARIABLES

FIRST_DATE = datetime.date(2026, 1, 1)
LOOKS = 28


def arm(day, variant, unit_count, sums, kind="mean", experiment="e", metric="m"):
    """Lay out the cumulative sums (y, yy, d, ...) of one arm at the end of a day."""
    return {f"sum_{name}": 0.0 for name in [*VARIABLES, *PRODUCTS]} | {
        "experiment_id": experiment,
        "metric_id": metric,
        "observed_date": FIRST_DATE + datetime.timedelta(days=day),
        "variant": variant,
        "metric_kind": kind,
        "direction": "increase",
        "is_control": variant == "a",
        "is_primary": True,
        "is_guardrail": False,
        "unit_count": unit_count,
        **{f"sum_{name}": float(number) for name, number in sums.items()},
    }


def follow(arms, **arguments):
    return timeline(pa.Table.from_pylist(arms), **arguments).to_pylist()


def conversions(day, variant, unit_count, hits, **keys):
    sums = {"y": hits, "yy": hits}
    return arm(day, variant, unit_count, sums, kind="proportion", **keys)


def simulated(draw, sizes, runs, kind="mean"):
    """Draw daily sums of each variant of many experiments, as a table of statistics.

    draw(variant, units) returns sums of (runs, LOOKS) days: of y and y^2, and of a
    ratio also of d, y d and d^2.
    """
    tables = []
    for number, (variant, units) in enumerate(sizes.items()):
        sums = [np.cumsum(added, axis=1).ravel() for added in draw(variant, units)]
        days = np.tile(np.arange(LOOKS), runs)
        columns = {f"sum_{name}": np.zeros(runs * LOOKS) for name in _ALL}
        names = ["y", "yy", "d", "yd", "dd"][: len(sums)]
        for name, total in zip(names, sums, strict=True):
            columns[f"sum_{name}"] = total.astype(float)
        columns |= {
            "experiment_id": np.repeat(np.arange(runs), LOOKS).astype(str),
            "observed_date": np.datetime64(FIRST_DATE) + days,
            "unit_count": units * (days + 1),
            "is_control": np.full(runs * LOOKS, number == 0),
            "is_primary": np.full(runs * LOOKS, True),
            "is_guardrail": np.full(runs * LOOKS, False),
        }
        texts = {"metric_id": "m", "variant": variant, "metric_kind": kind}
        for name, text in (texts | {"direction": "increase"}).items():
            columns[name] = np.full(runs * LOOKS, text)
        tables.append(pa.table(columns))
    return pa.concat_tables(tables)


_ALL = [*VARIABLES, *PRODUCTS]


def found(rows, experiments):
    """Return the shares of experiments found by the sequence, and by naive looks."""
    names = rows["experiment_id"].to_numpy()
    significant = rows["is_significant"].to_numpy(zero_copy_only=False)
    naive = rows["fixed_p_value"].to_numpy() < 0.05
    return (
        len(set(names[significant])) / experiments,
        len(set(names[naive])) / experiments,
    )


def test_one_day_by_hand():
    row, _ = follow(
        [
            conversions(day, variant, 1000, hits)
            for day in (0, 1)
            for variant, hits in (("a", 100), ("b", 150))
        ]
    )
    error = np.sqrt((0.1 * 0.9 + 0.15 * 0.85) / 999)
    half = reach(np.array([2000.0]), np.array([0.05]), 5000)[0] * error
    assert row["standard_error"] == pytest.approx(error)
    assert row["effect_lower"] == pytest.approx(0.05 - half)
    assert row["effect_upper"] == pytest.approx(0.05 + half)
    assert row["relative_effect"] == pytest.approx(0.5)
    log_error = np.sqrt(0.1 * 0.9 / 0.01 + 0.15 * 0.85 / 0.15**2) / np.sqrt(999)
    assert row["relative_effect_upper"] == pytest.approx(
        1.5 * np.exp(half / error * log_error) - 1
    )
    assert row["p_value"] == pytest.approx(row["running_p_value"])
    assert row["is_significant"] == (row["effect_lower"] > 0)
    assert (row["correction"], row["family_size"]) == ("none", 1)
    expected = stats.ttest_ind_from_stats(
        *(0.15, np.sqrt(0.15 * 0.85 * 1000 / 999), 1000),
        *(0.1, np.sqrt(0.1 * 0.9 * 1000 / 999), 1000),
        equal_var=False,
    )
    assert row["fixed_p_value"] == pytest.approx(expected.pvalue)


def test_what_was_found_stays_found():
    arms = []
    for day, hits in enumerate([100, 320, 210]):
        arms += [conversions(day, "a", 1000, 200), conversions(day, "b", 1000, hits)]
    arms += [conversions(3, "a", 1000, 200), conversions(3, "b", 0, 0)]
    rows = follow(arms)
    assert [row["is_significant"] for row in rows] == [True] * 4
    running = [row["running_p_value"] for row in rows]
    assert running == sorted(running, reverse=True)
    assert rows[2]["p_value"] > 0.05
    assert (rows[3]["status"], rows[3]["p_value"]) == ("no exposures", None)
    arms = [row | {"variant": {"a": "b", "b": "a"}[row["variant"]]} for row in arms]
    arms = [row | {"is_control": row["variant"] == "a"} for row in arms]
    swapped = follow(arms)
    assert swapped[0]["effect"] == -rows[0]["effect"]
    assert swapped[0]["effect_lower"] == pytest.approx(-rows[0]["effect_upper"])
    assert swapped[1]["p_value"] == pytest.approx(rows[1]["p_value"])


def test_several_variants_share_alpha():
    pairs = [conversions(0, variant, 1000, 100) for variant in "ab"]
    later = [conversions(day, "c", 1000, 180) for day in (1, 2)]
    days = [conversions(day, variant, 1000, 100) for day in (1, 2) for variant in "ab"]
    rows = follow(pairs + later + days)
    assert {row["family_size"] for row in rows} == {2}
    assert {row["correction"] for row in rows} == {"bonferroni"}
    alone = follow([row | {"variant": row["variant"]} for row in later + days[::2]])
    strict = follow(later + days[::2], confidence_level=0.975)
    assert rows[-1]["effect_lower"] == pytest.approx(strict[-1]["effect_lower"])
    assert rows[-1]["effect_lower"] < alone[-1]["effect_lower"]
    assert rows[-1]["p_value"] == pytest.approx(2 * strict[-1]["p_value"])


def test_ratio_by_the_delta_method():
    rng = np.random.default_rng(1)
    arms, ratios = [], []
    for variant in "ab":
        d = rng.poisson(3, 500) + 1.0
        y = d * rng.uniform(1, 2, 500)
        sums = {"y": y.sum(), "d": d.sum(), "yy": y @ y, "yd": y @ d, "dd": d @ d}
        arms.append(arm(0, variant, 500, sums, kind="ratio"))
        ratio = y.sum() / d.sum()
        ratios.append((ratio, (y - ratio * d).var(ddof=1) / 500 / d.mean() ** 2))
    (row,) = follow(arms)
    assert row["effect"] == pytest.approx(ratios[1][0] - ratios[0][0])
    assert row["standard_error"] == pytest.approx(np.sqrt(ratios[0][1] + ratios[1][1]))
    assert row["estimand"] == "difference of ratios of sums"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("arms", "status"),
    [
        ([conversions(0, "b", 100, 5)], "no control"),
        ([conversions(0, "a", 9, 2), conversions(0, "b", 100, 5)], "too few units"),
        ([conversions(0, "a", 100, 0), conversions(0, "b", 100, 0)], "no variation"),
        ([conversions(0, "a", 100, 1), conversions(0, "b", 0, 0)], "no exposures"),
        (
            [arm(0, variant, 100, {"y": 5, "yy": 5}, kind="ratio") for variant in "ab"],
            "no denominator",
        ),
        ([arm(0, variant, 100, {}, kind="quantile") for variant in "ab"], "quantile"),
    ],
)
def test_statuses(arms, status):
    (row,) = follow(arms)
    assert row["status"] == status
    for name in ("effect_lower", "p_value", "running_p_value", "fixed_p_value"):
        assert row[name] is None
    assert row["is_significant"] is False


def test_one_arm_without_conversions_has_an_interval():
    (row,) = follow([conversions(0, "a", 500, 0), conversions(0, "b", 500, 20)])
    assert row["status"] == "ok"
    assert row["effect_lower"] < 0.04 < row["effect_upper"]
    assert row["relative_effect"] is None


def test_row_order_does_not_matter_and_what_was_found_stays_found():
    arms = [
        conversions(day, variant, 1000, hits, experiment=experiment)
        for experiment in "ef"
        for day, treated in enumerate([500, 210])
        for variant, hits in (("a", 200), ("b", treated))
    ]
    rng = np.random.default_rng(2)
    rows = timeline(pa.Table.from_pylist(rng.permutation(arms).tolist()))
    assert rows.equals(timeline(pa.Table.from_pylist(arms)))
    last = rows.to_pylist()[1]
    assert last["running_p_value"] < 0.05 < last["p_value"]


def test_nothing_to_follow():
    empty = timeline(pa.Table.from_pylist([conversions(0, "a", 9, 2)]).slice(0, 0))
    assert empty.schema == TIMELINE_SCHEMA
    assert empty.num_rows == 0


def test_bad_arguments():
    arms = pa.Table.from_pylist([conversions(0, "a", 9, 2)])
    with pytest.raises(ValueError, match=r"tuning_n == 0, must be >= 1"):
        timeline(arms, tuning_n=0)
    with pytest.raises(ValueError, match=r"confidence_level == 1, must be > 0 and < 1"):
        timeline(arms, confidence_level=1)


@pytest.mark.parametrize("tuning_n", [100, 5000])
@pytest.mark.parametrize(
    "sizes", [{"a": 100, "b": 100}, {"a": 90, "b": 10}, {"a": 60, "b": 60, "c": 60}]
)
def test_daily_peeking_at_rates_without_effect(sizes, tuning_n):
    # 2 % convert: the smallest arms have their first conversion after days.
    rng = np.random.default_rng(3)
    runs = 1_000

    def draw(variant, units):
        hits = rng.binomial(units, 0.02, (runs, LOOKS))
        return hits, hits

    rows = timeline(simulated(draw, sizes, runs), tuning_n=tuning_n)
    sequence, naive = found(rows, runs)
    error = 3 * np.sqrt(0.05 * 0.95 / runs)
    assert sequence < 0.05 + error
    assert naive > 0.15


@pytest.mark.parametrize("sizes", [{"a": 40, "b": 40}, {"a": 90, "b": 10}])
def test_daily_peeking_at_skewed_revenue_without_effect(sizes):
    # One customer in ten buys, for lognormal amounts.
    rng = np.random.default_rng(4)
    runs = 500

    def draw(variant, units):
        shape = (runs, LOOKS, units)
        amounts = rng.lognormal(0, 1.5, shape) * (rng.random(shape) < 0.1)
        return amounts.sum(axis=-1), (amounts**2).sum(axis=-1)

    rows = timeline(simulated(draw, sizes, runs), tuning_n=500)
    sequence, naive = found(rows, runs)
    error = 3 * np.sqrt(0.05 * 0.95 / runs)
    assert sequence < 0.05 + error
    assert naive > 0.1


@pytest.mark.parametrize("sizes", [{"a": 20, "b": 20}, {"a": 90, "b": 10}])
def test_daily_peeking_at_values_of_few_orders_without_effect(sizes):
    # One unit in twenty has an order a day: the ratio of one order has no variance.
    rng = np.random.default_rng(6)
    runs = 1_000

    def draw(variant, units):
        shape = (runs, LOOKS, units)
        d = rng.poisson(0.05, shape)
        y = d * rng.lognormal(0, 0.5, shape)
        return [
            (left * right).sum(axis=-1) for left, right in ((y, 1), (y, y), (d, 1))
        ] + [(left * d).sum(axis=-1) for left in (y, d)]

    rows = timeline(simulated(draw, sizes, runs, kind="ratio"), tuning_n=500)
    sequence, naive = found(rows, runs)
    error = 3 * np.sqrt(0.05 * 0.95 / runs)
    assert sequence < 0.05 + error
    assert naive > 0.1


def test_power_and_coverage_of_an_effect():
    # Means 0.15 deviations apart: 28 days of 2 x 100 units, power 0.99 of one look.
    rng = np.random.default_rng(5)
    runs, effect = 500, 0.15

    def draw(variant, units):
        mean = effect * (variant == "b")
        sums = rng.normal(units * mean, np.sqrt(units), (runs, LOOKS))
        squares = rng.chisquare(units - 1, (runs, LOOKS)) + sums**2 / units
        return sums, squares

    rows = timeline(simulated(draw, {"a": 100, "b": 100}, runs))
    sequence, _ = found(rows, runs)
    assert sequence > 0.95
    lower, upper = rows["effect_lower"].to_numpy(), rows["effect_upper"].to_numpy()
    covered = ((lower <= effect) & (effect <= upper)).reshape(runs, LOOKS)
    error = 3 * np.sqrt(0.05 * 0.95 / runs)
    assert covered.all(axis=1).mean() > 0.95 - error
