"""Tests of experiments on counts: conversion by variant, and units by planned share.

Pearson's chi-square is used without continuity correction; Fisher's exact test replaces
it for two variants when an expected count is below 5. Differences of rates carry the
hybrid score interval of Newcombe (1998, Statistics in Medicine 17, method 10).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import special

# Below this expected count the chi-square distribution is a poor approximation.
SMALL_EXPECTED_COUNT = 5.0
WEIGHT_TOLERANCE = 1e-6
# The statuses with a p-value.
TESTED = ("ok", "small expected counts")

CONTINGENCY_SCHEMA = pa.schema(
    [
        ("experiment_id", pa.string()),
        ("metric_id", pa.string()),
        ("variant", pa.string()),
        ("is_control", pa.bool_()),
        ("exposed_count", pa.int64()),
        ("converted_count", pa.int64()),
    ]
)
EXPOSURES_SCHEMA = pa.schema(
    [
        ("experiment_id", pa.string()),
        ("variant", pa.string()),
        ("planned_weight", pa.float64()),
        ("unit_count", pa.int64()),
    ]
)
RESULTS_SCHEMA = pa.schema(
    [
        ("experiment_id", pa.string()),
        ("metric_id", pa.string()),
        ("comparison", pa.string()),
        ("variant", pa.string()),
        ("control_variant", pa.string()),
        ("method", pa.string()),
        ("estimand", pa.string()),
        ("correction", pa.string()),
        ("exposed_count", pa.int64()),
        ("control_exposed_count", pa.int64()),
        ("converted_count", pa.int64()),
        ("control_converted_count", pa.int64()),
        ("conversion_rate", pa.float64()),
        ("control_conversion_rate", pa.float64()),
        ("effect", pa.float64()),
        ("effect_lower", pa.float64()),
        ("effect_upper", pa.float64()),
        ("confidence_level", pa.float64()),
        ("relative_effect", pa.float64()),
        ("statistic", pa.float64()),
        ("degrees_of_freedom", pa.int64()),
        ("p_value", pa.float64()),
        ("cramers_v", pa.float64()),
        ("minimum_expected_count", pa.float64()),
        ("status", pa.string()),
    ]
)
SAMPLE_RATIO_SCHEMA = pa.schema(
    [
        ("experiment_id", pa.string()),
        ("unit_count", pa.int64()),
        ("degrees_of_freedom", pa.int64()),
        ("statistic", pa.float64()),
        ("p_value", pa.float64()),
        ("is_sample_ratio_mismatch", pa.bool_()),
        ("status", pa.string()),
    ]
)


class _Arms(NamedTuple):
    """Exposed and converted units of one arm a row, with the table it belongs to."""

    table: np.ndarray
    exposed: np.ndarray
    converted: np.ndarray


class _Tests(NamedTuple):
    """One test for each table; NaN where a number is undefined."""

    method: np.ndarray
    statistic: np.ndarray
    degrees_of_freedom: np.ndarray
    p_value: np.ndarray
    cramers_v: np.ndarray
    minimum_expected_count: np.ndarray
    status: np.ndarray


def chi_square_results(
    contingency: pa.Table, *, confidence_level: float = 0.95
) -> pa.Table:
    """Test for each experiment and metric whether the variants convert differently.

    contingency has one row per experiment_id, metric_id and variant with is_control,
    exposed_count and converted_count. The result has, for each experiment and metric,
    one row of the comparison 'all variants' (variant and all control columns null,
    counts and rate those of all variants together) and for each variant that is no
    control one row 'variant vs control'; it is sorted by experiment, metric,
    comparison and variant.

    Statistic: sum of (observed - expected)^2 / expected; degrees of freedom: variants
    with exposures less one; Cramér's V = sqrt(statistic / exposed units). Where just
    two variants are compared and an expected count is below 5, method is
    'fisher_exact' and the statistic null. effect is the variant's rate less the
    control's, with Newcombe's interval; relative_effect = effect / control rate.

    status is 'ok', or 'small expected counts' (three or more variants, one expected
    count below 5: the p-value is approximate), or says why there is no test, its
    numbers and method being null: 'one variant', 'no exposures' (in fewer than two
    variants), 'no variation' (all or none converted), 'no control', 'several controls'.

    Raises ValueError where a value is null, a count negative or a row there twice,
    where converted_count exceeds exposed_count, and where confidence_level is not
    between 0 and 1.
    """
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"confidence_level == {confidence_level}, must be > 0 and < 1."
        )
    keys = ["experiment_id", "metric_id", "variant"]
    rows = _checked(contingency, CONTINGENCY_SCHEMA, keys)
    exposed, converted = _numbers(rows, "exposed_count", "converted_count")
    _refuse(rows, keys, "converted_count", converted > exposed, "<= exposed_count")
    if rows.num_rows == 0:
        return RESULTS_SCHEMA.empty_table()
    group = _groups(rows, keys[:2])
    results = pa.concat_tables(
        [
            _all_variants(rows, _Arms(group, exposed, converted)),
            _against_control(rows, _Arms(group, exposed, converted), confidence_level),
        ]
    )
    order = [*keys[:2], "comparison", "variant"]
    return results.sort_by([(name, "ascending") for name in order])


def sample_ratio_results(
    exposures: pa.Table, *, alert_below: float = 0.001
) -> pa.Table:
    """Test for each experiment whether its units arrived in the planned shares.

    exposures has one row per experiment_id and variant with planned_weight and
    unit_count. Chi-square goodness of fit of the counts against the weights; variants
    of weight 0 are left out of counts and degrees of freedom. A p-value below
    alert_below is a sample ratio mismatch. One row per experiment, sorted.

    status is 'ok', or 'small expected counts' (one below 5: the p-value is
    approximate), or says why there is no test, its numbers being null: 'planned weight
    missing', 'planned weights do not sum to 1' (within 1e-6), 'one variant' (of weight
    above 0), 'no exposures'.

    Raises ValueError where a key or count is null, a number is negative or a weight not
    finite, a row is there twice, or alert_below is not between 0 and 1.

    >>> units = {"variant": ["A", "B"], "unit_count": [60, 40]}
    >>> plan = {"experiment_id": ["e", "e"], "planned_weight": [0.5, 0.5]}
    >>> sample_ratio_results(pa.table(units | plan))["statistic"].to_pylist()
    [4.0]
    """
    if not 0 < alert_below < 1:
        raise ValueError(f"alert_below == {alert_below}, must be > 0 and < 1.")
    keys = ["experiment_id", "variant"]
    rows = _checked(exposures, EXPOSURES_SCHEMA, keys, optional=("planned_weight",))
    if rows.num_rows == 0:
        return SAMPLE_RATIO_SCHEMA.empty_table()
    group = _groups(rows, keys[:1])
    _, firsts = np.unique(group, return_index=True)
    fit = _goodness_of_fit(group, *_numbers(rows, "planned_weight", "unit_count"))
    columns = fit | {
        "experiment_id": rows["experiment_id"].take(firsts),
        "is_sample_ratio_mismatch": pa.array(
            fit["p_value"] < alert_below, mask=np.isnan(fit["p_value"])
        ),
    }
    return _table(columns, SAMPLE_RATIO_SCHEMA)


def _goodness_of_fit(
    group: np.ndarray, weight: np.ndarray, units: np.ndarray
) -> dict[str, np.ndarray]:
    """Test the units of each group against its weights; NaN where undefined."""
    has_gap = np.bincount(group, np.isnan(weight)) > 0
    weight = np.nan_to_num(weight)
    planned = weight > 0
    units = np.where(planned, units, 0.0)
    arms, total = np.bincount(group, planned), np.bincount(group, units)
    expected = weight * total[group]
    smallest = np.full(len(total), np.inf)
    np.minimum.at(smallest, group[planned], expected[planned])
    status = np.select(
        [
            has_gap,
            np.abs(np.bincount(group, weight) - 1) > WEIGHT_TOLERANCE,
            arms < 2,
            total == 0,
            smallest < SMALL_EXPECTED_COUNT,
        ],
        [
            "planned weight missing",
            "planned weights do not sum to 1",
            "one variant",
            "no exposures",
            "small expected counts",
        ],
        default="ok",
    )
    tested = np.isin(status, TESTED)
    parts = np.nan_to_num(_ratio((units - expected) ** 2, expected))
    statistic = np.where(tested, np.bincount(group, parts), np.nan)
    freedom = np.where(tested, arms - 1, np.nan)
    return {
        "unit_count": total,
        "degrees_of_freedom": freedom,
        "statistic": statistic,
        "p_value": special.chdtrc(freedom, statistic),
        "status": status,
    }


def _checked(
    table: pa.Table,
    schema: pa.Schema,
    keys: list[str],
    optional: tuple[str, ...] = (),
) -> pa.Table:
    """Cast and sort the table; refuse nulls, negative numbers and repeated keys."""
    rows = table.select(schema.names).cast(schema)
    rows = rows.sort_by([(name, "ascending") for name in keys]).combine_chunks()
    for name in schema.names:
        if name not in optional and rows[name].null_count:
            raise ValueError(f"{name} has {rows[name].null_count} nulls, must be 0.")
    for field in schema:
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
            (values,) = _numbers(rows, field.name)
            bad = (values < 0) | np.isinf(values)
            _refuse(rows, keys, field.name, bad, ">= 0 and finite")
    repeated = np.zeros(rows.num_rows, dtype=bool)
    repeated[1:] = np.diff(_groups(rows, keys)) == 0
    _refuse(rows, keys, keys[-1], repeated, "unique")
    return rows


def _refuse(
    rows: pa.Table, keys: list[str], name: str, bad: np.ndarray, bound: str
) -> None:
    """Raise for the first bad row, naming it by its keys."""
    if bad.any():
        row = rows.slice(int(np.argmax(bad)), 1).to_pylist()[0]
        place = ", ".join(f"{key} {row[key]!r}" for key in keys)
        raise ValueError(f"{name} == {row[name]!r} ({place}), must be {bound}.")


def _numbers(rows: pa.Table, *names: str) -> list[np.ndarray]:
    """Read columns as float64, which counts up to 2^53 survive exactly."""
    return [
        rows[name].cast(pa.float64(), safe=False).to_numpy().astype(float)
        for name in names
    ]


def _groups(rows: pa.Table, keys: list[str]) -> np.ndarray:
    """Give each run of equal keys of a sorted table a number, from 0."""
    starts = np.zeros(rows.num_rows, dtype=bool)
    for key in keys:
        codes = rows[key].combine_chunks().dictionary_encode().indices.to_numpy()
        starts[1:] |= np.diff(codes) != 0
    return np.cumsum(starts)


def _all_variants(rows: pa.Table, arms: _Arms) -> pa.Table:
    """Compare all variants of each experiment and metric at once."""
    tests = _tests(arms)
    _, firsts = np.unique(arms.table, return_index=True)
    exposed = np.bincount(arms.table, arms.exposed)
    converted = np.bincount(arms.table, arms.converted)
    columns = {
        "experiment_id": rows["experiment_id"].take(firsts),
        "metric_id": rows["metric_id"].take(firsts),
        "comparison": np.full(len(firsts), "all variants"),
        "estimand": np.full(len(firsts), "any difference of conversion rates"),
        "exposed_count": exposed,
        "converted_count": converted,
        "conversion_rate": _ratio(converted, exposed),
    }
    return _table(columns | _test_columns(tests), RESULTS_SCHEMA)


def _against_control(rows: pa.Table, arms: _Arms, confidence_level: float) -> pa.Table:
    """Compare each variant with the control of its experiment."""
    is_control = rows["is_control"].to_numpy()
    control_count = np.bincount(arms.table, is_control)
    control_of = np.zeros(len(control_count), dtype=int)
    control_of[arms.table[is_control]] = np.flatnonzero(is_control)
    variant = np.flatnonzero(~is_control)
    control = control_of[arms.table[variant]]
    controls = control_count[arms.table[variant]]
    known = controls == 1

    exposed, converted = arms.exposed[variant], arms.converted[variant]
    control_exposed = np.where(known, arms.exposed[control], 0.0)
    control_converted = np.where(known, arms.converted[control], 0.0)
    pair = np.arange(len(variant))
    tests = _tests(
        _Arms(
            np.concatenate([pair, pair]),
            np.concatenate([exposed, control_exposed]),
            np.concatenate([converted, control_converted]),
        )
    )
    missing = np.where(controls == 0, "no control", "several controls")
    tests = tests._replace(status=np.where(known, tests.status, missing))
    rate = _ratio(converted, exposed)
    control_rate = _ratio(control_converted, control_exposed)
    lower, upper = _newcombe(
        (converted, exposed), (control_converted, control_exposed), confidence_level
    )
    columns = {
        "experiment_id": rows["experiment_id"].take(variant),
        "metric_id": rows["metric_id"].take(variant),
        "comparison": np.full(len(pair), "variant vs control"),
        "variant": rows["variant"].take(variant),
        "control_variant": pc.if_else(
            pa.array(known), rows["variant"].take(control), None
        ),
        "estimand": np.full(len(pair), "difference of conversion rates"),
        "exposed_count": exposed,
        "control_exposed_count": np.where(known, control_exposed, np.nan),
        "converted_count": converted,
        "control_converted_count": np.where(known, control_converted, np.nan),
        "conversion_rate": rate,
        "control_conversion_rate": control_rate,
        "effect": rate - control_rate,
        "effect_lower": lower,
        "effect_upper": upper,
        "confidence_level": np.full(len(pair), confidence_level),
        "relative_effect": _ratio(rate - control_rate, control_rate),
    }
    return _table(columns | _test_columns(tests), RESULTS_SCHEMA)


def _tests(arms: _Arms) -> _Tests:
    """Test each table of arms by converted or not; arms without units are left out."""
    table, exposed, converted = arms
    total, hits = np.bincount(table, exposed), np.bincount(table, converted)
    listed, used = np.bincount(table), np.bincount(table, exposed > 0)
    rate = _ratio(hits, total)
    deviation = np.nan_to_num(_ratio(converted, exposed) - rate[table])
    spread = rate * _ratio(total - hits, total)
    statistic = _ratio(np.bincount(table, exposed * deviation**2), spread)
    smallest = np.full(len(total), np.inf)
    np.minimum.at(smallest, table[exposed > 0], exposed[exposed > 0])
    expected = smallest * np.minimum(rate, _ratio(total - hits, total))
    status = np.select(
        [
            listed < 2,
            used < 2,
            (hits == 0) | (hits == total),
            (expected < SMALL_EXPECTED_COUNT) & (used > 2),
        ],
        ["one variant", "no exposures", "no variation", "small expected counts"],
        default="ok",
    )
    tested = np.isin(status, TESTED)
    exact = (status == "ok") & (expected < SMALL_EXPECTED_COUNT)
    statistic = np.where(tested, statistic, np.nan)
    freedom = np.where(tested & ~exact, used - 1, np.nan)
    p_value = special.chdtrc(freedom, statistic)
    p_value[exact] = _fisher_p(arms, np.flatnonzero(exact))
    method = np.where(exact, "fisher_exact", "chi_square").astype(object)
    method[~tested] = None
    return _Tests(
        method=method,
        statistic=np.where(exact, np.nan, statistic),
        degrees_of_freedom=freedom,
        p_value=p_value,
        cramers_v=np.sqrt(_ratio(statistic, total)),
        minimum_expected_count=np.where(used < 2, np.nan, expected),
        status=status,
    )


def _fisher_p(arms: _Arms, tables: np.ndarray) -> np.ndarray:
    """Fisher's exact two-sided p-value of tables that have two arms with units."""
    # Imported late: SciPy's statistics take a second to load.
    from scipy.stats import fisher_exact

    rows = np.flatnonzero(np.isin(arms.table, tables) & (arms.exposed > 0))
    rows = rows[np.argsort(arms.table[rows], kind="stable")].reshape(-1, 2)
    missed = arms.exposed - arms.converted
    cells = np.stack([arms.converted[rows], missed[rows]], axis=2).astype(np.int64)
    distinct, place = np.unique(cells, axis=0, return_inverse=True)
    return np.array([fisher_exact(table).pvalue for table in distinct])[place.ravel()]


def _newcombe(
    variant: tuple[np.ndarray, np.ndarray],
    control: tuple[np.ndarray, np.ndarray],
    confidence_level: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Combine the Wilson intervals of two rates into one of their difference."""
    rate, lower, upper = _wilson(*variant, confidence_level)
    control_rate, control_lower, control_upper = _wilson(*control, confidence_level)
    effect = rate - control_rate
    return (
        effect - np.hypot(rate - lower, control_upper - control_rate),
        effect + np.hypot(upper - rate, control_rate - control_lower),
    )


def _wilson(
    converted: np.ndarray, exposed: np.ndarray, confidence_level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    z = special.ndtri(0.5 + confidence_level / 2)
    rate = _ratio(converted, exposed)
    centre = rate + _ratio(z**2 / 2, exposed)
    width = z * np.sqrt(
        _ratio(rate * (1 - rate), exposed) + _ratio(z**2 / 4, exposed**2)
    )
    scale = 1 + _ratio(z**2, exposed)
    lower = np.clip((centre - width) / scale, 0, rate)
    return rate, lower, np.clip((centre + width) / scale, rate, 1)


def _ratio(numerator: np.ndarray | float, denominator: np.ndarray) -> np.ndarray:
    """Divide, with NaN wherever the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator == 0, np.nan, numerator / denominator)


def _test_columns(tests: _Tests) -> dict[str, np.ndarray]:
    correction = np.full(len(tests.status), "none")
    return tests._asdict() | {"correction": correction}


def _table(columns: dict[str, np.ndarray | pa.Array], schema: pa.Schema) -> pa.Table:
    """Lay columns out by a schema; NaN and columns not given become nulls."""
    length = len(columns["status"])
    arrays = []
    for field in schema:
        values = columns.get(field.name)
        if values is None:
            values = pa.nulls(length, field.type)
        elif isinstance(values, np.ndarray):
            values = pa.array(values.tolist(), from_pandas=True)
        arrays.append(values.cast(field.type))
    return pa.table(arrays, schema=schema)
