"""Recommendations from what products say of themselves, buyers or not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse

from mercato.attributes import unit_rows
from mercato.recommenders.catalogue import on_products
from mercato.recommenders.interactions import UserItems
from mercato.recommenders.scoring import from_blocks

TERMS_SCHEMA = pa.schema(
    [
        ("product_index", pa.int64()),
        ("term", pa.string()),
        ("tfidf_weight", pa.float64()),
    ]
)


class Words(NamedTuple):
    """The words of each product.

    products: int64 (n,), the product_index of each row, ascending.
    vectors: float64 csr (n, words), rows of length 1.
    """

    products: np.ndarray
    vectors: scipy.sparse.csr_matrix


def recommend(
    items: UserItems, *, top_n: int, seed: int = 0, terms: pa.Table
) -> pa.Table:
    """Recommend the products whose words are most like those of a customer's products.

    terms has one row per product_index and term, a word of any script compared as it
    is, with tfidf_weight >= 0 (Salton and Buckley 1988); other columns are ignored.
    Every product becomes the vector of its weights at length 1, and a customer the sum
    of the vectors of the products touched, times their interaction weights. The score
    is the cosine of customer and product, between 0 and 1.

    Every product of terms may be recommended, also one that nobody has touched; nothing
    else can be scored. A customer whose products have no words gets no row. seed is not
    used: nothing is random. Returns RECOMMENDATIONS_SCHEMA, sorted by customer and
    rank; ties rank by lower product_index. Raises ValueError where top_n is below 1, a
    value of terms is null, a product_index negative, a tfidf_weight negative or not
    finite, or a product has a term twice.
    """
    return suggest(items, fit(terms=terms, seed=seed), top_n=top_n)


def fit(*, terms: pa.Table, seed: int) -> Words:
    """Lay out the words by which `recommend` scores."""
    terms = _checked(terms)
    products = np.unique(terms["product_index"].to_numpy())
    return Words(products, _vectors(terms, products))


def suggest(items: UserItems, model: Words, *, top_n: int) -> pa.Table:
    """Recommend to each customer by the words of products; see `recommend`."""
    items = on_products(items, model.products)
    vectors, words = model.vectors, model.vectors.T.tocsr()

    def score_rows(rows: np.ndarray) -> np.ndarray:
        profiles = _unit_rows(items.weights[rows] @ vectors)
        return (profiles @ words).toarray()

    return from_blocks(items, score_rows, top_n=top_n, above=0.0)


def _checked(terms: pa.Table) -> pa.Table:
    """Cast and sort the terms; refuse rows that make no vectors."""
    terms = terms.select(TERMS_SCHEMA.names).cast(TERMS_SCHEMA)
    for name in TERMS_SCHEMA.names:
        if terms[name].null_count:
            raise ValueError(f"{name} has {terms[name].null_count} nulls, must be 0.")
    keys = [("product_index", "ascending"), ("term", "ascending")]
    terms = terms.sort_by(keys).combine_chunks()
    product, weight = (
        terms["product_index"].to_numpy(),
        terms["tfidf_weight"].to_numpy(),
    )
    _refuse(terms, "product_index", product < 0, ">= 0")
    is_weight = np.isfinite(weight) & (weight >= 0)
    _refuse(terms, "tfidf_weight", ~is_weight, "finite and >= 0")
    is_same = pc.equal(terms["term"].slice(1), terms["term"].slice(0, len(product) - 1))
    is_repeated = (np.diff(product) == 0) & is_same.to_numpy()
    _refuse(terms.slice(1), "term", is_repeated, "there once for a product")
    return terms


def _refuse(terms: pa.Table, name: str, bad: np.ndarray, bound: str) -> None:
    """Raise for the first bad row, naming it by its keys."""
    if bad.any():
        row = terms.slice(int(np.argmax(bad)), 1).to_pylist()[0]
        raise ValueError(
            f"{name} == {row[name]!r} (product_index {row['product_index']}, "
            f"term {row['term']!r}), must be {bound}."
        )


def _vectors(terms: pa.Table, products: np.ndarray) -> scipy.sparse.csr_matrix:
    """Lay out the words of each product, a row each, at length 1."""
    row = np.searchsorted(products, terms["product_index"].to_numpy())
    # Sorted, so that sums have one order whatever the order of the rows.
    vocabulary = pc.unique(terms["term"].combine_chunks()).sort()
    column = pc.index_in(terms["term"], value_set=vocabulary).to_numpy()
    shape = (len(products), len(vocabulary))
    weight = terms["tfidf_weight"].to_numpy()
    return _unit_rows(scipy.sparse.csr_matrix((weight, (row, column)), shape))


def _unit_rows(matrix: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    """Scale each row to length 1; rows of zeros stay."""
    matrix.eliminate_zeros()
    return unit_rows(matrix)[0]
