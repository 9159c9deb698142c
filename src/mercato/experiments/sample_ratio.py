"""Sample ratio: whether units arrived in the planned shares, in all and in parts.

A mismatch says that the assignment or the log is broken, and with it every effect.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.experiments.contingency import SMALL_EXPECTED_COUNT
from mercato.experiments.effects import check_level
from mercato.experiments.multiplicity import holm
from mercato.experiments.results import TESTED, build
from mercato.experiments.statistics import group_numbers, numbers, refuse

WEIGHT_TOLERANCE = 1e-6
SAMPLE_RATIO_KEYS = ["experiment_id", "scope", "scope_value"]
EXPOSURES_SCHEMA = pa.schema(
    [(name, pa.string()) for name in [*SAMPLE_RATIO_KEYS, "variant"]]
    + [("planned_weight", pa.float64()), ("unit_count", pa.int64())]
)
SAMPLE_RATIO_SCHEMA = pa.schema(
    [(name, pa.string()) for name in [*SAMPLE_RATIO_KEYS, "method"]]
    + [("unit_count", pa.int64()), ("degrees_of_freedom", pa.int64())]
    + [(name, pa.float64()) for name in ["statistic", "p_value", "holm_p_value"]]
    + [("is_sample_ratio_mismatch", pa.bool_()), ("status", pa.string())]
)


def sample_ratio_results(
    exposures: pa.Table, *, alert_below: float = 0.001
) -> pa.Table:
    """Test whether the units of each experiment arrived in the planned shares.

    exposures is of EXPOSURES_SCHEMA: one row per experiment, scope ('all', 'day' or a
    dimension of segments), value of the scope and variant, those without units too.
    One row of SAMPLE_RATIO_SCHEMA per experiment, scope and value, sorted.

    method 'chi_square': goodness of fit of the counts against the weights; variants of
    weight 0 are left out of counts and degrees of freedom. Where an expected count is
    below 5, 'exact_binomial': each variant against the rest, twice the smaller tail,
    times the number of variants (Bonferroni) where there are more than two; then there
    is no statistic. holm_p_value is Holm's over the values of the scope in the
    experiment; below alert_below it is a sample ratio mismatch.

    status is 'ok' or says why there is no test: 'planned weight missing', 'planned
    weights do not sum to 1' (within 1e-6), 'one variant' (of weight above 0), 'no
    exposures'.

    Raises ValueError where a key or count is null, a number is negative or not finite,
    a row is there twice, or alert_below is not between 0 and 1.

    >>> units = {"variant": ["a", "b"], "unit_count": [60, 40]}
    >>> plan = {"experiment_id": ["e", "e"], "planned_weight": [0.5, 0.5]}
    >>> scope = {"scope": ["all", "all"], "scope_value": ["all", "all"]}
    >>> sample_ratio_results(pa.table(units | plan | scope))["statistic"].to_pylist()
    [4.0]
    """
    check_level("alert_below", alert_below)
    rows = _checked(exposures)
    if rows.num_rows == 0:
        return SAMPLE_RATIO_SCHEMA.empty_table()
    group = group_numbers(rows, SAMPLE_RATIO_KEYS)
    _, firsts = np.unique(group, return_index=True)
    keys = rows.select(SAMPLE_RATIO_KEYS).take(firsts)
    weight, units = numbers(rows, "planned_weight"), numbers(rows, "unit_count")
    fit = _goodness_of_fit(group, weight, units)
    adjusted = holm(fit["p_value"], group_numbers(keys, SAMPLE_RATIO_KEYS[:2]))
    alert = pa.array(adjusted < alert_below, mask=np.isnan(adjusted))
    return build(
        {name: keys[name] for name in SAMPLE_RATIO_KEYS}
        | fit
        | {"holm_p_value": adjusted, "is_sample_ratio_mismatch": alert},
        len(firsts),
        SAMPLE_RATIO_SCHEMA,
    )


def _checked(exposures: pa.Table) -> pa.Table:
    """Cast and sort; refuse nulls, negative numbers and repeated rows."""
    keys = [*SAMPLE_RATIO_KEYS, "variant"]
    rows = exposures.select(EXPOSURES_SCHEMA.names).cast(EXPOSURES_SCHEMA)
    rows = rows.sort_by([(name, "ascending") for name in keys]).combine_chunks()
    for name in [*keys, "unit_count"]:
        if rows[name].null_count:
            raise ValueError(f"{name} has {rows[name].null_count} nulls, must be 0.")
    for name in ("planned_weight", "unit_count"):
        values = numbers(rows, name)
        bad = (values < 0) | np.isinf(values)
        refuse(rows, SAMPLE_RATIO_KEYS, name, bad, ">= 0 and finite")
    repeated = np.zeros(rows.num_rows, dtype=bool)
    repeated[1:] = np.diff(group_numbers(rows, keys)) == 0
    refuse(rows, SAMPLE_RATIO_KEYS, "variant", repeated, "unique")
    return rows


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
    status = np.select(
        [
            has_gap,
            np.abs(np.bincount(group, weight) - 1) > WEIGHT_TOLERANCE,
            arms < 2,
            total == 0,
        ],
        [
            "planned weight missing",
            "planned weights do not sum to 1",
            "one variant",
            "no exposures",
        ],
        default="ok",
    )
    tested = np.isin(status, TESTED)
    small = np.bincount(group, planned & (expected < SMALL_EXPECTED_COUNT)) > 0
    parts = np.zeros_like(expected)
    np.divide((units - expected) ** 2, expected, out=parts, where=expected > 0)
    statistic = np.where(tested & ~small, np.bincount(group, parts), np.nan)
    freedom = np.where(tested & ~small, arms - 1, np.nan)
    exact = _exact_binomial(group, np.where(planned, weight, np.nan), units, total)
    return {
        "method": np.where(tested & small, "exact_binomial", "chi_square"),
        "unit_count": total,
        "degrees_of_freedom": freedom,
        "statistic": statistic,
        "p_value": np.select(
            [tested & small, tested],
            [exact, special.chdtrc(freedom, statistic)],
            default=np.nan,
        ),
        "status": status,
    }


def _exact_binomial(
    group: np.ndarray, weight: np.ndarray, units: np.ndarray, total: np.ndarray
) -> np.ndarray:
    """Test each arm of a weight against the rest; the smallest p-value by group."""
    planned = ~np.isnan(weight) & (weight <= 1)
    weight = np.where(planned, weight, 0.5)
    others = total[group] - units
    # The binomial tails as incomplete beta integrals.
    at_most = special.betainc(np.maximum(others, 1), units + 1, 1 - weight)
    at_most[others == 0] = 1.0
    at_least = special.betainc(np.maximum(units, 1), others + 1, weight)
    at_least[units == 0] = 1.0
    tails = np.minimum(2 * np.minimum(at_most, at_least), 1.0)
    smallest = np.ones(len(total))
    np.minimum.at(smallest, group[planned], tails[planned])
    # Of two arms, each says the same.
    arms = np.bincount(group, planned, minlength=len(total))
    return np.minimum(np.where(arms > 2, arms, 1) * smallest, 1.0)
