"""What products have in common: sums over customers, for each two products."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse

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
