"""The shape of experiment results: one row per comparison and method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mercato.experiments.statistics import KEYS, Arms, Pairs

TEXTS = ["comparison", "variant", "control_variant", "method", "estimand", "correction"]
RESULTS_SCHEMA = pa.schema(
    [(name, pa.string()) for name in [*KEYS, *TEXTS]]
    + [("unit_count", pa.int64()), ("control_unit_count", pa.int64())]
    + [
        (name, pa.float64())
        for name in [
            "value",
            "control_value",
            "effect",
            "effect_lower",
            "effect_upper",
            "relative_effect",
            "relative_effect_lower",
            "relative_effect_upper",
            "confidence_level",
            "standard_error",
            "statistic",
            "degrees_of_freedom",
            "p_value",
            "holm_p_value",
            "benjamini_hochberg_p_value",
            "dunnett_p_value",
        ]
    ]
    + [("family_size", pa.int64()), ("correction_scope", pa.string())]
    + [
        (name, pa.float64())
        for name in [
            "variance_reduction",
            "margin",
            "cramers_v",
            "minimum_expected_count",
            "probability_to_beat_control",
            "expected_loss",
        ]
    ]
    + [("is_default", pa.bool_()), ("status", pa.string())]
)
# The statuses that come with numbers; every other says why there are none.
TESTED = ("ok", "small expected counts")
_ORDER = [*KEYS, "comparison", "variant", "control_variant", "method"]


def of_pairs(arms: Arms, pairs: Pairs, columns: dict[str, Any]) -> pa.Table:
    """Return a row of RESULTS_SCHEMA for each variant beside its control.

    columns holds arrays of shape (k,) or single values; keys, variants and unit counts
    are filled in, what is not given is null, and NaN is null.
    """
    treated, control = arms.rows.take(pairs.treated), arms.rows.take(pairs.control)
    known = pa.array(pairs.is_known)
    return build(
        {name: treated[name] for name in KEYS}
        | {
            "comparison": "variant vs control",
            "variant": treated["variant"],
            "control_variant": pc.if_else(known, control["variant"], None),
            "unit_count": treated["unit_count"],
            "control_unit_count": pc.if_else(known, control["unit_count"], None),
        }
        | columns,
        len(pairs.treated),
    )


def of_groups(arms: Arms, columns: dict[str, Any]) -> pa.Table:
    """Return a row of RESULTS_SCHEMA for each group of arms, all variants together."""
    _, firsts = np.unique(arms.group, return_index=True)
    keys = arms.rows.take(firsts)
    return build(
        {name: keys[name] for name in KEYS}
        | {
            "comparison": "all variants",
            "unit_count": np.bincount(arms.group, arms.count),
        }
        | columns,
        len(firsts),
    )


def build(
    columns: dict[str, Any], length: int, schema: pa.Schema = RESULTS_SCHEMA
) -> pa.Table:
    """Return a table of a schema; NaN and what is not given are null."""
    unknown = columns.keys() - set(schema.names)
    if unknown:
        raise ValueError(f"columns: {sorted(unknown)} must be among {schema.names}.")
    return pa.table(
        {
            field.name: _column(columns.get(field.name), field.type, length)
            for field in schema
        },
        schema=schema,
    )


def combined(tables: list[pa.Table]) -> pa.Table:
    """Return the rows of all tables, sorted by what they are about."""
    rows = pa.concat_tables([RESULTS_SCHEMA.empty_table(), *tables])
    return rows.sort_by([(name, "ascending") for name in _ORDER]).combine_chunks()


def _column(values: Any, kind: pa.DataType, length: int) -> Any:
    if values is None:
        return pa.nulls(length, kind)
    if isinstance(values, (str, bool, float, int)):
        return pa.array([values] * length, kind)
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return pa.array(values, mask=np.isnan(values)).cast(kind)
    if isinstance(values, np.ndarray):
        return pa.array(values, kind)
    return values.cast(kind)
