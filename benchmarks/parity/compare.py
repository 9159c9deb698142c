"""Compare one table of two databases, row by row and column by column, in DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import duckdb

from benchmarks.parity.tables import Table, is_own

# What is rounded to nine digits, the engines may round to either side; sums of such
# numbers, and what is fitted to them, differ by a little more.
RELATIVE_TOLERANCE = 1e-6
DIGITS_OF_SETS = 4


class Column(NamedTuple):
    """A column of a table, with its type in the first database."""

    name: str
    type: str

    def tolerance(self, one: str, other: str) -> str | None:
        """Return by how much two values may differ, as SQL; None for not at all.

        A decimal that was rounded from a double may end in another digit: 0.0654639175
        is not quite that as a double, and the engines round it their own ways.
        """
        if self.type in ("DOUBLE", "FLOAT"):
            return f"{RELATIVE_TOLERANCE} * greatest(abs({one}), abs({other}), 1)"
        if self.type.startswith("DECIMAL"):
            scale = int(self.type.rstrip(")").split(",")[1])
            return f"1.5e-{scale}"
        return None


class Comparison(NamedTuple):
    """How two editions of a table agree.

    row_counts are those of the first and of the second, unmatched_count how many rows
    have no counterpart. difference_counts has the columns that differ by more than the
    tolerance, with how many rows do; different_count is how many rows do so in any
    column, rounded_count how many differ, but nowhere by more than the tolerance.
    """

    table: str
    row_counts: tuple[int, int]
    unmatched_count: int
    rounded_count: int
    different_count: int
    difference_counts: dict[str, int]

    @property
    def agreement(self) -> float:
        """Return the share of rows that are in both and agree; 1 of no rows."""
        row_count = max(self.row_counts)
        if row_count == 0:
            return 1.0
        matched_count = (sum(self.row_counts) - self.unmatched_count) / 2
        return (matched_count - self.different_count) / row_count

    @property
    def verdict(self) -> str:
        """Return `equal`, `rounded` or `differs`."""
        if self.unmatched_count or self.different_count:
            return "differs"
        return "rounded" if self.rounded_count else "equal"


def compare(
    connection: duckdb.DuckDBPyConnection, table: Table, one: str, other: str
) -> Comparison:
    """Compare two relations, given as SQL for a FROM clause, of one table.

    Raises:
        ValueError: The second lacks a column of the first, or has one more.

    """
    columns = _columns(connection, table, one, other)
    counts = tuple(
        connection.sql(f"select count(*) from {relation}").fetchall()[0][0]
        for relation in (one, other)
    )
    if not table.key:
        return _as_sets(connection, table, columns, one, other, counts)
    differs = {
        column.name: _differs(column)
        for column in columns
        if column.name not in table.key
    }
    matched = " and ".join(f"a.key_{n} = b.key_{n}" for n in range(len(table.key)))
    sums = [f"count(*) filter (where {condition})" for condition in differs.values()]
    inexact = [f"a.{name} is distinct from b.{name}" for name in differs]
    any_differs = " or ".join(differs.values()) or "false"
    row = connection.sql(
        f"""
        select
            count(*),
            count(*) filter (where {any_differs}),
            count(*) filter (
                where ({" or ".join(inexact) or "false"}) and not ({any_differs})
            )
            {"".join(f", {count}" for count in sums)}
        from {_selected(columns, one, table.key)} as a
        inner join {_selected(columns, other, table.key)} as b on {matched}
        """
    ).fetchall()[0]
    matched_count, different_count, rounded_count, *column_counts = row
    named = zip(differs, column_counts, strict=True)
    return Comparison(
        table.name,
        counts,
        sum(counts) - 2 * matched_count,
        rounded_count,
        different_count,
        {name: count for name, count in named if count},
    )


def stored(folder: Path, table: str) -> str:
    """Return the rows of a table that Spark has written, as SQL for a FROM clause.

    A partitioned table without rows has no file; it has the columns of DuckDB's.
    """
    pattern = f"{folder}/**/*.parquet"
    if not any(folder.glob("**/*.parquet")):
        return f"(select * from {table} where false)"
    return f"read_parquet('{pattern}', hive_partitioning = true)"


def _columns(
    connection: duckdb.DuckDBPyConnection, table: Table, one: str, other: str
) -> list[Column]:
    first, second = (
        connection.sql(f"select * from {relation} limit 0") for relation in (one, other)
    )
    if sorted(first.columns) != sorted(second.columns):
        different = set(first.columns) ^ set(second.columns)
        raise ValueError(
            f"{table.name}: columns == {sorted(different)}, must be in both."
        )
    return [
        Column(name, str(of_type))
        for name, of_type in zip(first.columns, first.types, strict=True)
        if not is_own(name)
    ]


def _selected(columns: list[Column], relation: str, key: tuple[str, ...] = ()) -> str:
    """Return a subquery with the compared columns in the types of the first.

    Those of the key follow as key_0, key_1 and so on.
    """
    selected = [f"cast({name} as {of_type}) as {name}" for name, of_type in columns]
    selected += [f"{expression} as key_{n}" for n, expression in enumerate(key)]
    return f"(select {', '.join(selected)} from {relation})"


def _differs(column: Column) -> str:
    one, other = f"a.{column.name}", f"b.{column.name}"
    tolerance = column.tolerance(one, other)
    if tolerance is None:
        return f"({one} is distinct from {other})"
    return (
        f"(({one} is null) <> ({other} is null)"
        f" or coalesce(abs({one} - {other}) > {tolerance}, false))"
    )


def _as_sets(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    columns: list[Column],
    one: str,
    other: str,
    counts: tuple[int, int],
) -> Comparison:
    """Compare rows that nothing names: those of one that the other does not have.

    No row can be found again to see by how much it differs, so doubles are rounded to
    DIGITS_OF_SETS digits after the point.
    """
    rounded = ", ".join(
        f"round({column.name}, {DIGITS_OF_SETS})"
        if column.type in ("DOUBLE", "FLOAT")
        else column.name
        for column in columns
    )
    a, b = (
        f"select {rounded} from {_selected(columns, relation)}"
        for relation in (one, other)
    )
    unmatched = connection.sql(
        f"select count(*) from (({a} except all {b}) union all ({b} except all {a}))"
    ).fetchall()[0][0]
    return Comparison(table.name, counts, unmatched, 0, 0, {})
