"""Designs of factorial experiments: which combination of levels each variant is.

A complete design has one variant for every combination of the levels of its factors,
and each factor a reference level, which the others are compared with.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import pyarrow as pa

FACTORS_SCHEMA = pa.schema(
    [
        ("experiment_id", pa.string()),
        ("variant", pa.string()),
        ("factor", pa.string()),
        ("level", pa.string()),
        ("is_reference", pa.bool_()),
    ]
)


class Design(NamedTuple):
    """One experiment: levels of each factor, the reference first, and v variants.

    cells holds the levels of each variant, in the order of the factors. status is empty
    or says why nothing can be compared.
    """

    levels: dict[str, list[str]]
    variants: list[str]
    cells: list[tuple[str | None, ...]]
    status: str


class Contrast(NamedTuple):
    """A weighted sum of the variants' values beside another; weights are (v,)."""

    comparison: str
    estimand: str
    variant: str
    control_variant: str
    weights: np.ndarray
    control_weights: np.ndarray


def read_designs(factors: pa.Table) -> dict[str, Design]:
    """Read a table of FACTORS_SCHEMA as one design for each experiment.

    Raises ValueError where a value is null or a variant has two levels of a factor.
    """
    rows = factors.select(FACTORS_SCHEMA.names).cast(FACTORS_SCHEMA)
    for name in FACTORS_SCHEMA.names:
        if rows[name].null_count:
            raise ValueError(f"{name} has {rows[name].null_count} nulls, must be 0.")
    order = [(name, "ascending") for name in ["experiment_id", "factor", "level"]]
    found: dict[str, list[dict]] = {}
    for row in rows.sort_by(order).to_pylist():
        found.setdefault(row["experiment_id"], []).append(row)
    return {experiment: _design(experiment, of) for experiment, of in found.items()}


def _design(experiment: str, rows: list[dict]) -> Design:
    references: dict[str, set[str]] = {}
    levels: dict[str, list[str]] = {}
    variants: dict[str, dict[str, str]] = {}
    for row in rows:
        factor, level = row["factor"], row["level"]
        references.setdefault(factor, set())
        if row["is_reference"]:
            references[factor].add(level)
        if level not in levels.setdefault(factor, []):
            levels[factor].append(level)
        given = variants.setdefault(row["variant"], {})
        if factor in given:
            raise ValueError(
                f"level == {level!r} (experiment_id {experiment!r}, variant "
                f"{row['variant']!r}, factor {factor!r}), must be the only one."
            )
        given[factor] = level
    for factor, of in levels.items():
        of.sort(key=lambda level: (level not in references[factor], level))
    names = sorted(variants)
    cells = [tuple(variants[name].get(factor) for factor in levels) for name in names]
    return Design(levels, names, cells, _status(references, levels, cells))


def _status(
    references: dict[str, set[str]],
    levels: dict[str, list[str]],
    cells: list[tuple[str | None, ...]],
) -> str:
    """Say why a design has no contrasts; empty where it has."""
    numbers = [len(of) for of in references.values()]
    if len(cells) < 2:
        return "one variant"
    if min(numbers) < 1:
        return "no reference level"
    if max(numbers) > 1:
        return "several reference levels"
    if any(None in cell for cell in cells):
        return "incomplete design"
    if len(set(cells)) < len(cells):
        return "several variants in a cell"
    complete = np.prod([float(len(of)) for of in levels.values()]) == len(cells)
    return "" if complete else "incomplete design"


def contrasts(design: Design) -> list[Contrast]:
    """List the main effects and two-way interactions of a design without a status.

    A main effect is a level less the reference of its factor, each averaged over all
    its cells; an interaction the effect of one factor's level at a level of another,
    less the same at that one's reference.
    """
    return [*_main_effects(design), *_interactions(design)]


def _average(design: Design, at: dict[str, str]) -> np.ndarray:
    """Return the weights (v,) that average all cells with these levels of factors."""
    factors = list(design.levels)
    places = {factors.index(factor): level for factor, level in at.items()}
    chosen = np.array(
        [all(cell[i] == level for i, level in places.items()) for cell in design.cells]
    )
    return chosen / chosen.sum()


def _main_effects(design: Design) -> list[Contrast]:
    found = []
    for factor in design.levels:
        reference, *others = design.levels[factor]
        for level in others:
            found.append(
                Contrast(
                    "main effect",
                    "difference of averages over cells",
                    f"{factor}={level}",
                    f"{factor}={reference}",
                    _average(design, {factor: level}),
                    _average(design, {factor: reference}),
                )
            )
    return found


def _interactions(design: Design) -> list[Contrast]:
    found = []
    for first, second in itertools.combinations(design.levels, 2):
        base, *ones = design.levels[first]
        other_base, *others = design.levels[second]
        for one, other in itertools.product(ones, others):
            at, at_base = (
                _average(design, {first: one, second: level})
                - _average(design, {first: base, second: level})
                for level in (other, other_base)
            )
            found.append(
                Contrast(
                    "interaction",
                    "difference of differences of averages over cells",
                    f"{first}={one} x {second}={other}",
                    f"{first}={base} x {second}={other_base}",
                    at,
                    at_base,
                )
            )
    return found
