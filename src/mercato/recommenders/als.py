"""Implicit-feedback matrix factorisation by alternating least squares, solved exactly.

Each row is one small linear system, of the side of its entries where these are fewer
than the factors. Chosen by measurement, on 100,000 customers, 5,000 products, 2 million
interactions and 64 factors: an iteration takes 2.6 s of processor time, against 4.6 s
of the exact solver of the package implicit and 1.1 s of its conjugate gradients, which
need three times the iterations for the same loss.
"""

from __future__ import annotations

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import scipy.linalg
import scipy.sparse

from mercato.recommenders.catalogue import on_products
from mercato.recommenders.interactions import UserItems, asked_rows
from mercato.recommenders.scoring import from_factors
from mercato.threads import executor_of_threads

# Numbers in the gathered factors of one batch: 2 MB, and a few times that with what is
# computed from them.
BATCH_NUMBERS = 2**18
# Beyond it a system of a million entries could be singular in float64.
MAX_CONFIDENCE = 1e8


class AlsFactors(NamedTuple):
    """A factorisation whose inner products approach 1 where there is an interaction.

    customers: float64 (n_customers, f); products: float64 (n_products, f).
    """

    customers: np.ndarray
    products: np.ndarray


class AlsModel(NamedTuple):
    """What the customers' factors are solved from.

    products: int64 (n,), the product_index of each row, ascending. factors: float64
    (n, f). regularization and alpha are those of the fit.
    """

    products: np.ndarray
    factors: np.ndarray
    regularization: float
    alpha: float


def recommend(
    items: UserItems,
    *,
    top_n: int,
    seed: int = 0,
    factors: int = 64,
    regularization: float = 1.0,
    alpha: float = 1.0,
    iterations: int = 15,
) -> pa.Table:
    """Recommend the products of the highest predicted preference (Hu et al. 2008).

    The score is the inner product of a customer's and a product's factors, about 0
    without a preference and 1 with a certain one; products without a score above 0 are
    left out. The parameters are those of als_factors. Returns RECOMMENDATIONS_SCHEMA,
    sorted by customer and rank; ties rank by lower product_index. Raises ValueError
    where a parameter is out of its range.
    """
    model = fit(
        items,
        seed=seed,
        factors=factors,
        regularization=regularization,
        alpha=alpha,
        iterations=iterations,
    )
    return suggest(items, model, top_n=top_n)


def fit(
    items: UserItems,
    *,
    seed: int,
    factors: int,
    regularization: float,
    alpha: float,
    iterations: int,
) -> AlsModel:
    """Find the product factors by which `recommend` scores."""
    solved = product_factors(
        items.weights,
        factors=factors,
        regularization=regularization,
        alpha=alpha,
        iterations=iterations,
        seed=seed,
    )
    return AlsModel(items.products, solved, regularization, alpha)


def suggest(items: UserItems, model: AlsModel, *, top_n: int) -> pa.Table:
    """Recommend to each customer by a model, which may know other customers.

    See `recommend`. A customer's factors are solved from the products' alone, so that
    what a customer gets does not depend on who else is asked.
    """
    items = on_products(items, model.products)
    customers = _customer_factors(
        asked_rows(items, items.weights),
        model.factors,
        model.regularization,
        model.alpha,
    )
    return from_factors(items, customers, model.factors, top_n=top_n, above=0.0)


def als_factors(
    weights: scipy.sparse.csr_matrix,
    *,
    factors: int,
    regularization: float,
    alpha: float,
    iterations: int,
    seed: int = 0,
) -> AlsFactors:
    """Factorise weights (n_customers, n_products), every stored entry above 0.

    Minimises sum over all pairs of c (p - x.y)^2, plus regularization times the squared
    norms of all factors, p being 1 where there is an interaction and else 0, and the
    confidence c being 1 + alpha w, alpha w at most 1e8 (Hu, Koren and Volinsky,
    "Collaborative filtering for implicit feedback datasets", 2008, equations 3 to 5).
    Starts from random product factors; after the iterations the customers are solved
    once more, so that equal customers have equal factors. The result does not depend on
    the number of threads. Raises ValueError where factors or iterations is below 1, or
    regularization or alpha is not above 0 and finite.
    """
    products = product_factors(
        weights,
        factors=factors,
        regularization=regularization,
        alpha=alpha,
        iterations=iterations,
        seed=seed,
    )
    customers = _customer_factors(weights, products, regularization, alpha)
    return AlsFactors(customers, products)


def product_factors(
    weights: scipy.sparse.csr_matrix,
    *,
    factors: int,
    regularization: float,
    alpha: float,
    iterations: int,
    seed: int = 0,
) -> np.ndarray:
    """Find the float64 (n_products, f) product factors of `als_factors`."""
    for name, value in (("factors", factors), ("iterations", iterations)):
        if value < 1:
            raise ValueError(f"{name} == {value}, must be >= 1.")
    _check_positive("regularization", regularization)
    _check_positive("alpha", alpha)
    by_customer = _confidence(weights, alpha)
    by_product = by_customer.T.tocsr()
    start = np.random.default_rng(seed).standard_normal((weights.shape[1], factors))
    products = start / np.sqrt(factors)
    with executor_of_threads() as executor:
        for _ in range(iterations):
            customers = _solved(by_customer, products, regularization, executor)
            products = _solved(by_product, customers, regularization, executor)
    return products


def _customer_factors(
    weights: scipy.sparse.csr_matrix,
    products: np.ndarray,
    regularization: float,
    alpha: float,
) -> np.ndarray:
    """Solve each customer's factors exactly, given those of the products."""
    with executor_of_threads() as executor:
        return _solved(_confidence(weights, alpha), products, regularization, executor)


def als_loss(
    weights: scipy.sparse.csr_matrix,
    model: AlsFactors,
    *,
    regularization: float,
    alpha: float,
) -> float:
    """Compute what als_factors minimises, without a dense matrix.

    >>> ones = AlsFactors(np.ones((1, 1)), np.ones((2, 1)))
    >>> als_loss(scipy.sparse.csr_matrix([[3.0, 0.0]]), ones, regularization=1, alpha=1)
    4.0
    """
    customers, products = model
    squares = np.sum((customers.T @ customers) * (products.T @ products))
    for start in range(0, len(customers), 4096):
        block = _confidence(weights[start : start + 4096], alpha).tocoo()
        factors = customers[start + block.row]
        scores = np.einsum("ef,ef->e", factors, products[block.col])
        squares += np.sum((1 + block.data) * (1 - scores) ** 2 - scores**2)
    return float(
        squares + regularization * (np.sum(customers**2) + np.sum(products**2))
    )


def _check_positive(name: str, value: float) -> None:
    if not 0 < value < np.inf:
        raise ValueError(f"{name} == {value}, must be > 0 and finite.")


def _confidence(
    weights: scipy.sparse.csr_matrix, alpha: float
) -> scipy.sparse.csr_matrix:
    """Compute c - 1 of the stored entries."""
    confidence = alpha * weights
    confidence.data = np.minimum(confidence.data, MAX_CONFIDENCE)
    return confidence


def _solved(
    confidence: scipy.sparse.csr_matrix,
    others: np.ndarray,
    regularization: float,
    executor: Executor,
) -> np.ndarray:
    """Solve the factors of every row, given those of the columns.

    confidence holds d = c - 1. With G = others.T @ others + regularization = L L.T, a
    row solves (G + Y.T D Y) x = Y.T (1 + d), where Y are the factors of its columns. In
    terms of V = Y inv(L).T that is (1 + V.T D V) L.T x = V.T (1 + d): what all rows
    have in common is factorised once.
    """
    gram = others.T @ others + regularization * np.eye(others.shape[1])
    lower = np.linalg.cholesky(gram)
    whitened = scipy.linalg.solve_triangular(lower, others.T, lower=True).T
    whitened = np.ascontiguousarray(whitened)
    solved = np.zeros((confidence.shape[0], others.shape[1]))

    def solve_batch(rows: np.ndarray) -> None:
        solved[rows] = _solved_batch(confidence, whitened, rows)

    for _ in executor.map(solve_batch, _batches(confidence, others.shape[1])):
        pass
    return scipy.linalg.solve_triangular(lower, solved.T, lower=True, trans="T").T


def _batches(confidence: scipy.sparse.csr_matrix, factors: int) -> list[np.ndarray]:
    """Group the rows that have equally many entries, in batches of bounded memory."""
    counts = np.diff(confidence.indptr)
    order = np.argsort(counts, kind="stable")
    distinct, starts = np.unique(counts[order], return_index=True)
    batches = []
    for count, rows in zip(distinct, np.split(order, starts[1:]), strict=False):
        size = max(1, BATCH_NUMBERS // max(1, count * factors))
        if count > 0:
            batches += [rows[at : at + size] for at in range(0, len(rows), size)]
    return batches


def _solved_batch(
    confidence: scipy.sparse.csr_matrix, whitened: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Solve L.T x of rows that all have the same number of entries, above 0."""
    factors = whitened.shape[1]
    starts = confidence.indptr[rows]
    count = confidence.indptr[rows[0] + 1] - starts[0]
    entries = starts[:, None] + np.arange(count)
    columns, d = confidence.indices[entries], confidence.data[entries][..., None]
    if count <= factors:
        # (1 + V.T D V) V.T z = V.T (1 + d) where (1 + D V V.T) z = 1 + d.
        v = whitened[columns]
        z = np.linalg.solve(d * (v @ v.mT) + np.eye(count), 1 + d)
        return (v.mT @ z)[..., 0]
    left, right = np.eye(factors), 0.0
    piece = max(1, BATCH_NUMBERS // factors)
    for at in range(0, count, piece):
        v, part = whitened[columns[:, at : at + piece]], d[:, at : at + piece]
        weighted = np.sqrt(part) * v
        left = left + weighted.mT @ weighted
        right = right + v.mT @ (1 + part)
    return np.linalg.solve(left, right)[..., 0]
