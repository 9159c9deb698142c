"""What products have in common: sums over customers, for each two products."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse

# The sums of so many products take 200 MB.
MAX_PRODUCTS = 5000
BLOCK_PRODUCTS = 500


class Gram(NamedTuple):
    """X^T X of a matrix X of weights, a row per customer and a column per product.

    products: int64 (n,), the product_index of each column, ascending.
    sums: float64 (n, n), symmetric.
    """

    products: np.ndarray
    sums: np.ndarray


def gram_of(matrix: scipy.sparse.csr_matrix) -> np.ndarray:
    """Compute X^T X, a few rows at a time: a sparse product takes more memory."""
    across = matrix.T.tocsr()
    side = across.shape[0]
    gram = np.empty((side, side), order="F")
    for start in range(0, side, BLOCK_PRODUCTS):
        block = across[start : start + BLOCK_PRODUCTS] @ matrix
        gram[start : start + BLOCK_PRODUCTS] = block.toarray()
    return gram


def gram_of_pairs(pairs: pa.Table) -> Gram:
    """Lay out sums that are known for each two products that have any.

    pairs has a row, in any order, per product_index and other_product_index, which is
    not lower, with weight_sum. Every product is paired with itself.

    >>> pairs = {"product_index": [3, 3, 9], "other_product_index": [3, 9, 9]}
    >>> gram_of_pairs(pa.table(pairs | {"weight_sum": [2.0, 1.0, 5.0]})).sums.tolist()
    [[2.0, 1.0], [1.0, 5.0]]
    """
    ends = [pairs[f"{end}product_index"].to_numpy() for end in ("", "other_")]
    products = np.unique(ends[0])
    row, column = (np.searchsorted(products, end) for end in ends)
    sums = np.zeros((len(products), len(products)))
    sums[row, column] = sums[column, row] = pairs["weight_sum"].to_numpy()
    return Gram(products, sums)
