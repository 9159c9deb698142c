"""Reads files of who took what, and splits them once more for tuning."""

from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from mercato.recommenders.tuning import Window

# Column names that published splits use, lower case, by what they mean here.
_USERS = ("user", "user_id", "userid", "customer_id")
_ITEMS = ("item", "item_id", "itemid", "movie_id", "product_id")
_RATINGS = ("rating", "weight", "value")


class Fold(NamedTuple):
    """What is learned from and what is to be foreseen, as integer indices."""

    train: pa.Table
    test: pa.Table


def read_fold(train: Path, test: Path, *, relevant_from: float | None = None) -> Fold:
    """Read a pair of CSV, TSV or Parquet files with users, items and maybe ratings.

    Columns are found by name. Only test rows with a rating of at least relevant_from
    count as relevant. Of users and items that are in one file only, the test's keep an
    index, so that what cannot be foreseen is still counted. Raises ValueError where a
    file has no column of users or of items.
    """
    with duckdb.connect() as connection:
        for name, file in (("train", train), ("test", test)):
            connection.execute(f"create table {name} as {_query(connection, file)}")
        for entity in ("customer", "product"):
            connection.execute(
                f"""
                create table {entity}s as
                select row_number() over (order by id) - 1 as {entity}_index, id
                from (
                    select {entity} as id from train union select {entity} from test
                )
                """
            )
        threshold = "-inf" if relevant_from is None else relevant_from
        return Fold(
            _indexed(connection, "train", "true as is_owned, max(weight) as weight"),
            _indexed(
                connection, "test", "max(weight) as weight", f"weight >= '{threshold}'"
            ),
        )


def _query(connection: duckdb.DuckDBPyConnection, file: Path) -> str:
    source = f"'{file}'"
    columns = {
        row[0].lower(): row[0]
        for row in connection.sql(f"describe from {source}").fetchall()
    }
    user, item = (_first(columns, names, file) for names in (_USERS, _ITEMS))
    rating = next((columns[name] for name in _RATINGS if name in columns), None)
    weight = f'cast("{rating}" as double)' if rating else "1.0"
    return (
        f'select cast("{user}" as varchar) as customer, '
        f'cast("{item}" as varchar) as product, {weight} as weight from {source}'
    )


def _first(columns: dict[str, str], names: tuple[str, ...], file: Path) -> str:
    for name in names:
        if name in columns:
            return columns[name]
    raise ValueError(
        f"{file}: columns {', '.join(columns.values())}, "
        f"must include one of {', '.join(names)}."
    )


def _indexed(
    connection: duckdb.DuckDBPyConnection, table: str, values: str, where: str = "true"
) -> pa.Table:
    return connection.sql(
        f"""
        select customer_index, product_index, {values}
        from {table}
        inner join customers on customer = customers.id
        inner join products on product = products.id
        where {where}
        group by customer_index, product_index
        order by customer_index, product_index
        """
    ).to_arrow_table()


def validation_window(train: pa.Table, *, share: float, seed: int) -> Window:
    """Hold out a random share of the train rows, as the test rows were, for tuning."""
    chance = np.random.default_rng(seed).random(train.num_rows)
    held_out = train.filter(pa.array(chance < share))
    known = train.filter(pa.array(chance >= share))
    return Window(known, held_out.select(["customer_index"]), held_out, {})


def as_window(fold: Fold) -> Window:
    """Learn from the train rows, foresee the test rows."""
    return Window(fold.train, fold.test.select(["customer_index"]), fold.test, {})
