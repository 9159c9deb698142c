"""What each customer did with each product, as the matrices recommenders work on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse

INTERACTIONS_SCHEMA = pa.schema(
    [
        ("customer_index", pa.int64()),
        ("product_index", pa.int64()),
        ("weight", pa.float64()),
        ("is_owned", pa.bool_()),
    ]
)
KEYS = INTERACTIONS_SCHEMA.names[:2]

Weighting = Literal["log", "linear", "binary"]
WEIGHTINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "log": np.log1p,
    "linear": np.copy,
    "binary": np.ones_like,
}


class UserItems(NamedTuple):
    """The interactions of one window: a row per customer, a column per product.

    customers: int64 (n_customers,), the customer_index of each row, ascending.
    products: int64 (n_products,), the product_index of each column, ascending.
    weights: float64 csr (n_customers, n_products), every stored entry above 0.
    owned: bool csr of the same shape; what is stored is not to be recommended.
    asked: int64, the rows to recommend to, ascending.
    """

    customers: np.ndarray
    products: np.ndarray
    weights: scipy.sparse.csr_matrix
    owned: scipy.sparse.csr_matrix
    asked: np.ndarray


def user_items(
    interactions: pa.Table,
    targets: pa.Table | None = None,
    *,
    weighting: Weighting = "log",
) -> UserItems:
    """Lay out the interactions of one window, in any order, as matrices.

    interactions has one row per customer_index and product_index with weight > 0 (any
    unit) and is_owned; other columns are ignored. A weight w becomes ln(1 + w) where
    weighting is 'log', w where 'linear' and 1 where 'binary'. targets, with a column
    customer_index, names the customers to recommend to, by default everybody; those
    without interactions are not asked.

    Raises ValueError where weighting is none of these, a value is null, an index is
    negative, a weight is not finite and above 0, or a pair is there twice.

    >>> items = user_items(pa.table({
    ...     "customer_index": [7, 4], "product_index": [3, 3],
    ...     "weight": [2.0, 5.0], "is_owned": [True, False],
    ... }), weighting="linear")
    >>> items.customers.tolist(), items.products.tolist()
    ([4, 7], [3])
    >>> items.weights.toarray().tolist(), items.owned.toarray().tolist()
    ([[5.0], [2.0]], [[False], [True]])
    """
    check_weighting(weighting)
    rows = _checked(interactions, INTERACTIONS_SCHEMA)
    # Freed here unless the caller holds on to it: it may be as large as all the rest.
    del interactions
    weight = rows["weight"].to_numpy()
    _refuse(rows, "weight", ~(np.isfinite(weight) & (weight > 0)), "finite and > 0")
    customers, row = _positions(rows["customer_index"])
    products, column = _positions(rows["product_index"])
    shape = (len(customers), len(products))
    values = WEIGHTINGS[weighting](weight)
    weights = scipy.sparse.csr_matrix((values, (row, column)), shape)
    if weights.nnz < rows.num_rows:
        _refuse(rows, "product_index", _is_repeated(row, column), "unique")
    is_owned = rows["is_owned"].to_numpy()
    places = (row[is_owned], column[is_owned])
    owned = scipy.sparse.csr_matrix((is_owned[is_owned], places), shape)
    asked = np.arange(len(customers))
    if targets is not None:
        wanted = _checked(targets, pa.schema([INTERACTIONS_SCHEMA.field(0)]))
        asked = np.flatnonzero(np.isin(customers, wanted[0].to_numpy()))
    return UserItems(customers, products, weights, owned, asked)


def asked_rows(
    items: UserItems, matrix: scipy.sparse.csr_matrix
) -> scipy.sparse.csr_matrix:
    """Return the rows of those asked, without a copy where that is everybody."""
    everybody = len(items.asked) == len(items.customers)
    return matrix if everybody else matrix[items.asked]


def check_weighting(weighting: str) -> None:
    """Raise ValueError where user_items knows no such weighting."""
    if weighting not in WEIGHTINGS:
        raise ValueError(
            f"weighting == {weighting!r}, must be one of {', '.join(WEIGHTINGS)}."
        )


def _checked(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Cast to the schema; refuse nulls and negative indices."""
    table = table.select(schema.names).cast(schema).combine_chunks()
    for name in schema.names:
        if table[name].null_count:
            raise ValueError(f"{name} has {table[name].null_count} nulls, must be 0.")
        if name in KEYS:
            _refuse(table, name, table[name].to_numpy() < 0, ">= 0")
    return table


def _refuse(table: pa.Table, name: str, bad: np.ndarray, bound: str) -> None:
    """Raise for the first bad row, naming it by its keys."""
    if bad.any():
        row = table.slice(int(np.argmax(bad)), 1).to_pylist()[0]
        keys = ", ".join(f"{key} {row[key]}" for key in KEYS if key in row)
        raise ValueError(f"{name} == {row[name]!r} ({keys}), must be {bound}.")


def _positions(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """List the distinct values, ascending, and the place of each row's among them."""
    encoded = column.combine_chunks().dictionary_encode()
    found = encoded.dictionary.to_numpy()
    order = np.argsort(found)
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return found[order], place[encoded.indices.to_numpy()]


def _is_repeated(row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Mark the rows whose pair was there before."""
    order = np.lexsort((column, row))
    is_same = (np.diff(row[order]) == 0) & (np.diff(column[order]) == 0)
    repeated = np.zeros(len(order), dtype=bool)
    repeated[order[1:][is_same]] = True
    return repeated
