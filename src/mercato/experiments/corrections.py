"""Corrections of results for the number of tests, family by family."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from mercato.experiments.comparisons import Comparison
from mercato.experiments.dunnett import dunnett
from mercato.experiments.multiplicity import benjamini_hochberg, family_sizes, holm
from mercato.experiments.statistics import (
    KEYS,
    Arms,
    Pairs,
    group_numbers,
    numbers,
    texts,
)


def corrected_pairs(
    arms: Arms, pairs: Pairs, comparison: Comparison, columns: dict[str, Any]
) -> dict[str, np.ndarray]:
    """Return corrected p-values of the pairs of one method, as columns of results.

    columns holds the statistic and p_value of each pair. Holm's family is the variants
    of an experiment and metric in all values of a segment dimension; Dunnett's those of
    everybody, who share a control.
    """
    family = group_numbers(arms.rows, KEYS[:3])[pairs.treated]
    p_value = columns["p_value"]
    tested = ~np.isnan(p_value)
    everybody = texts(arms.rows, "segment_dimension")[pairs.treated] == "all"
    estimates = comparison.estimates.where(tested & everybody)
    return {
        "holm_p_value": holm(p_value, family),
        "family_size": np.where(tested, family_sizes(p_value, family), np.nan),
        "correction_scope": np.where(tested, _scopes(arms, pairs), None),
        "dunnett_p_value": dunnett(
            columns["statistic"],
            estimates.degrees_of_freedom,
            estimates.variance,
            estimates.control_variance,
            arms.group[pairs.treated],
        ),
    }


def _scopes(arms: Arms, pairs: Pairs) -> np.ndarray:
    """Say what Holm's family of each pair is made of."""
    codes = arms.rows["segment_dimension"].combine_chunks().dictionary_encode()
    words = [
        "variants" if name == "all" else f"variants and values of {name}"
        for name in codes.dictionary.to_pylist()
    ]
    return np.array(words, dtype=object)[codes.indices.to_numpy()[pairs.treated]]


def with_holm(rows: pa.Table, keys: list[str], scope: str) -> pa.Table:
    """Correct results sorted by keys by Holm's method, rows of equal keys a family."""
    p_value = numbers(rows, "p_value")
    family = group_numbers(rows, keys)
    tested = ~np.isnan(p_value)
    columns = {
        "holm_p_value": _nullable(holm(p_value, family)),
        "family_size": _nullable(
            np.where(tested, family_sizes(p_value, family), np.nan)
        ),
        "correction_scope": pa.array(np.where(tested, scope, None), pa.string()),
    }
    return _with(rows, columns)


def with_false_discovery_rates(rows: pa.Table) -> pa.Table:
    """Correct the defaults of everybody over metrics and variants of an experiment.

    rows are of RESULTS_SCHEMA and sorted. By Benjamini and Hochberg's method; rows that
    do not say whether they are a default are none.
    """
    is_default = rows["is_default"].fill_null(False)
    everybody = np.equal(rows["segment_dimension"].to_numpy(), "all")
    counted = is_default.to_numpy() & everybody
    p_value = np.where(counted, numbers(rows, "p_value"), np.nan)
    adjusted = benjamini_hochberg(p_value, group_numbers(rows, KEYS[:1]))
    return _with(
        rows,
        {"is_default": is_default, "benjamini_hochberg_p_value": _nullable(adjusted)},
    )


def _nullable(values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _with(rows: pa.Table, columns: dict[str, Any]) -> pa.Table:
    """Replace columns, their types kept."""
    for name, column in columns.items():
        place = rows.schema.get_field_index(name)
        field = rows.schema.field(place)
        rows = rows.set_column(place, field, column.cast(field.type))
    return rows
