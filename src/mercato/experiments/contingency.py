"""Contingency tables: whether the rows of a table of counts differ in their shares.

Pearson's chi-square without continuity correction, and where an expected count is
below 5, which its distribution does not suit, an exact test of the same margins:
Fisher's for two rows and two columns, otherwise a Monte-Carlo one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.experiments.results import RESULTS_SCHEMA, of_groups
from mercato.experiments.statistics import KEYS, Arms, numbers, refuse

# Below this expected count the chi-square distribution is a poor approximation.
SMALL_EXPECTED_COUNT = 5.0
MONTE_CARLO_SAMPLES = 9_999
# Counts from here on cannot be sampled; the chi-square test stays.
MOST_SAMPLED_UNITS = 10**9
# Tables as probable as the observed one count as extreme, up to rounding (as in R).
_TIE = 1e-7
# Cells that Fisher's test looks at together, of some 100 bytes each.
_BLOCK_CELLS = 4_000_000


class ChiSquare(NamedTuple):
    """Pearson's test of each of a batch of tables; NaN where it is undefined."""

    statistic: np.ndarray
    degrees_of_freedom: np.ndarray
    p_value: np.ndarray
    cramers_v: np.ndarray
    minimum_expected_count: np.ndarray


def pearson_chi_square(tables: np.ndarray) -> ChiSquare:
    """Test whether rows and columns of each table of counts are independent.

    tables is (..., r, c), the results (...). Statistic: sum of (observed - expected)^2
    / expected; degrees of freedom (r - 1)(c - 1); Cramér's V = sqrt(statistic / (n
    min(r - 1, c - 1))). Rows and columns of zeros are left out of r and c; a table of
    which fewer than two rows or columns remain has no test. No continuity correction.

    Raises ValueError where a count is negative or not finite.

    >>> test = pearson_chi_square(np.array([[10, 20], [20, 10]]))
    >>> round(float(test.statistic), 6), int(test.degrees_of_freedom)
    (6.666667, 1)
    """
    tables = np.asarray(tables, dtype=float)
    bad = ~np.isfinite(tables) | (tables < 0)
    if bad.any():
        raise ValueError(f"tables == {tables[bad][0]}, must be >= 0 and finite.")
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    total = rows.sum(axis=-1)
    row_count, column_count = (rows > 0).sum(axis=-1), (columns > 0).sum(axis=-1)
    known = (row_count > 1) & (column_count > 1)
    safe = np.where(known, total, 1.0)
    expected = rows[..., :, None] * columns[..., None, :] / safe[..., None, None]
    used = expected > 0
    parts = np.divide(
        (tables - expected) ** 2, expected, out=np.zeros_like(expected), where=used
    )
    statistic = np.where(known, parts.sum(axis=(-2, -1)), np.nan)
    freedom = np.where(known, (row_count - 1.0) * (column_count - 1.0), np.nan)
    smallest = np.min(expected, axis=(-2, -1), where=used, initial=np.inf)
    side = np.where(known, np.minimum(row_count, column_count) - 1.0, 1.0)
    return ChiSquare(
        statistic=statistic,
        degrees_of_freedom=freedom,
        p_value=special.chdtrc(freedom, statistic),
        cramers_v=np.sqrt(statistic / (safe * side)),
        minimum_expected_count=np.where(known, smallest, np.nan),
    )


def fisher_exact(tables: np.ndarray) -> np.ndarray:
    """Return Fisher's two-sided p-value of tables of counts (k, 2, 2), shape (k,).

    The probability, margins given, of a table no more probable than the observed one
    (Fisher 1935; R's fisher.test and SciPy's fisher_exact sum the same tables).

    >>> fisher_exact(np.array([[[3, 1], [1, 3]]])).round(6).tolist()  # 34 / 70
    [0.485714]
    """
    tables = np.asarray(tables, dtype=float).reshape(-1, 2, 2)
    distinct, place = np.unique(tables, axis=0, return_inverse=True)
    row, column = distinct[:, 0].sum(axis=1), distinct[:, :, 0].sum(axis=1)
    total = distinct.sum(axis=(1, 2))
    # The first cell of every table of these margins, of one table after the other.
    least = np.maximum(0, row + column - total)
    size = (np.minimum(row, column) - least + 1).astype(int)
    block = np.cumsum(size) // _BLOCK_CELLS
    p_values = np.zeros(len(distinct))
    for start in np.unique(block):
        of = np.flatnonzero(block == start)
        table = np.repeat(of, size[of])
        first = np.cumsum(size[of]) - size[of]
        cell = least[table] + np.arange(len(table)) - np.repeat(first, size[of])
        margins = row[table], column[table], total[table]
        # Relative to the observed table, whose logarithm then is 0.
        log_weight = _log_weight(cell, *margins)
        log_weight -= _log_weight(distinct[table, 0, 0], *margins)
        # The largest weight is taken out so that none overflows.
        largest = np.maximum.reduceat(log_weight, first)
        weight = np.exp(log_weight - np.repeat(largest, size[of]))
        extreme = np.where(log_weight <= np.log1p(_TIE), weight, 0.0)
        p_values[of] = np.add.reduceat(extreme, first) / np.add.reduceat(weight, first)
    return np.minimum(p_values, 1.0)[place.ravel()]


def _log_weight(
    cell: np.ndarray, row: np.ndarray, column: np.ndarray, total: np.ndarray
) -> np.ndarray:
    """Log of C(row, cell) C(total - row, column - cell), up to a constant."""
    rest = total - row
    return -special.betaln(row - cell + 1, cell + 1) - special.betaln(
        rest - column + cell + 1, column - cell + 1
    )


def monte_carlo_p_value(table: np.ndarray, *, samples: int, seed: int) -> float:
    """Return the share of random tables of the same margins at least as far off.

    table is (r, c) of counts below 1e9 in total, without rows or columns of zeros. p =
    (1 + sampled tables whose chi-square reaches the observed) / (1 + samples), which
    keeps the test's level (Davison & Hinkley 1997, section 4.2). Cells are drawn one
    after the other from their hypergeometric distribution. The random numbers depend on
    seed and on the table up to the order of its rows.

    Raises ValueError where samples is below 1 or the table has too many units.

    >>> monte_carlo_p_value(np.array([[2, 0], [0, 2], [0, 2]]), samples=999, seed=1)
    0.198
    """
    if samples < 1:
        raise ValueError(f"samples == {samples}, must be >= 1.")
    table = np.asarray(table, dtype=np.int64)
    if table.sum() >= MOST_SAMPLED_UNITS:
        raise ValueError(f"table.sum() == {table.sum()}, must be < 1e9.")
    table = table[np.lexsort(table.T)]
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    expected = rows[:, None] * columns[None, :] / table.sum()
    observed = ((table - expected) ** 2 / expected).sum()
    random = np.random.default_rng([seed, *table.ravel()])
    drawn = _random_tables(rows, columns, samples, random)
    statistic = ((drawn - expected) ** 2 / expected).sum(axis=(1, 2))
    reached = int((statistic >= observed * (1 - _TIE)).sum())
    return (1 + reached) / (1 + samples)


def _random_tables(
    rows: np.ndarray, columns: np.ndarray, samples: int, random: np.random.Generator
) -> np.ndarray:
    """Draw tables (samples, r, c) of given margins."""
    tables = np.zeros((samples, len(rows), len(columns)), dtype=np.int64)
    # Units of each row that no column has yet.
    left = np.tile(rows, (samples, 1))
    for j in range(len(columns) - 1):
        needed = np.full(samples, columns[j])
        others = left.sum(axis=1)
        for i in range(len(rows) - 1):
            others -= left[:, i]
            tables[:, i, j] = random.hypergeometric(left[:, i], others, needed)
            needed -= tables[:, i, j]
        tables[:, -1, j] = needed
        left -= tables[:, :, j]
    tables[:, :, -1] = left
    return tables


def conversions(arms: Arms) -> np.ndarray:
    """Return the converted units of each arm (m,), the sum of a y that is 0 or 1.

    Raises ValueError where the sum is not a whole number between 0 and the units.
    """
    total = numbers(arms.rows, "sum_y")
    converted = np.round(total)
    bad = (np.abs(total - converted) > 1e-6) | (total < 0) | (total > arms.count)
    refuse(arms.rows, KEYS, "sum_y", bad, "whole, >= 0 and <= unit_count")
    return converted


def chi_square_results(
    arms: Arms, *, seed: int, monte_carlo_samples: int = MONTE_CARLO_SAMPLES
) -> pa.Table:
    """Test for each group of arms whether the variants convert differently at all.

    arms are of proportions. One row of RESULTS_SCHEMA per experiment, metric and
    segment, of the comparison 'all variants': value is the rate of all units, the table
    has a row for each arm with units, and columns for converted or not. method is
    'chi_square', or where an expected count is below 5 'fisher_exact' (two arms, no
    statistic) or 'chi_square_monte_carlo' (no degrees of freedom).

    status is 'ok', or 'small expected counts' (1e9 units and more are not sampled: the
    p-value is approximate), or says why there is no test: 'one variant', 'no exposures'
    (in fewer than two variants), 'no variation' (all or none converted).

    Raises ValueError as conversions and monte_carlo_p_value do.
    """
    if len(arms.count) == 0:
        return RESULTS_SCHEMA.empty_table()
    converted = conversions(arms)
    listed = np.bincount(arms.group)
    total = np.bincount(arms.group, arms.count)
    hits = np.bincount(arms.group, converted)
    found = {
        "method": np.full(len(listed), "chi_square", dtype=object),
        "status": np.full(len(listed), "no exposures", dtype=object),
    } | {name: np.full(len(listed), np.nan) for name in ChiSquare._fields}
    for groups, tables in _tables_by_size(arms, converted):
        tested = _tested(tables, seed, monte_carlo_samples)
        for name, column in tested.items():
            found[name][groups] = column
    found["status"][listed < 2] = "one variant"
    rate = np.divide(hits, total, out=np.full(len(total), np.nan), where=total > 0)
    return of_groups(
        arms,
        found
        | {
            "estimand": "any difference of rates",
            "correction": "none",
            "value": rate,
            "is_default": False,
        },
    )


def _tables_by_size(
    arms: Arms, converted: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield group numbers (k,) and tables (k, r, 2) for each number r >= 2 of arms."""
    has_units = arms.count > 0
    sizes = np.bincount(arms.group, has_units).astype(int)
    cells = np.stack([converted, arms.count - converted], axis=1)
    for size in np.unique(sizes[sizes > 1]):
        rows = np.flatnonzero(has_units & (sizes[arms.group] == size))
        yield arms.group[rows[::size]], cells[rows].reshape(-1, size, 2)


def _tested(tables: np.ndarray, seed: int, samples: int) -> dict[str, np.ndarray]:
    """Test tables (k, r, 2) of arms with units, exactly where counts are small."""
    test = pearson_chi_square(tables)._asdict()
    known = ~np.isnan(test["statistic"])
    small = known & (test["minimum_expected_count"] < SMALL_EXPECTED_COUNT)
    countable = tables.sum(axis=(1, 2)) < MOST_SAMPLED_UNITS
    exact = small & (tables.shape[1] == 2)
    sampled = small & ~exact & countable
    test["p_value"][exact] = fisher_exact(tables[exact])
    test["statistic"][exact] = np.nan
    test["p_value"][sampled] = _sampled(tables[sampled], seed, samples)
    test["degrees_of_freedom"][exact | sampled] = np.nan
    method = np.select(
        [exact, sampled], ["fisher_exact", "chi_square_monte_carlo"], "chi_square"
    ).astype(object)
    status = np.where(known, "ok", "no variation").astype(object)
    status[small & ~exact & ~sampled] = "small expected counts"
    return test | {"method": method, "status": status}


def _sampled(tables: np.ndarray, seed: int, samples: int) -> np.ndarray:
    """Return Monte-Carlo p-values, each distinct table being sampled once."""
    distinct, place = np.unique(tables, axis=0, return_inverse=True)
    p_values = [
        monte_carlo_p_value(table, samples=samples, seed=seed) for table in distinct
    ]
    return np.array(p_values)[place.ravel()] if len(distinct) else np.zeros(0)
