"""Recommendations from a non-negative matrix factorisation."""

from __future__ import annotations

import warnings

import numpy as np
import pyarrow as pa
import scipy.sparse

from mercato.recommenders.catalogue import ProductFactors, on_products
from mercato.recommenders.interactions import UserItems, asked_rows
from mercato.recommenders.scoring import from_factors
from mercato.threads import one_thread, run_in_threads

BLOCK_CUSTOMERS = 4096


def recommend(
    items: UserItems,
    *,
    top_n: int,
    seed: int = 0,
    factors: int = 32,
    max_iterations: int = 100,
    max_fit_customers: int = 50_000,
) -> pa.Table:
    """Recommend by parts-based tastes: customers as sums of baskets of products.

    The matrix of weights is approximated by W H, both >= 0 (Lee and Seung 1999), and
    the score is the entry of W H, in the unit of the weights. H is that of
    product_factors, W that of customer_factors. Customers with a row of zeros in W get
    no row. Returns RECOMMENDATIONS_SCHEMA, sorted by customer and rank; ties rank by
    lower product_index. Raises ValueError where a parameter is below 1.
    """
    model = fit(
        items,
        seed=seed,
        factors=factors,
        max_iterations=max_iterations,
        max_fit_customers=max_fit_customers,
    )
    return suggest(items, model, top_n=top_n)


def fit(
    items: UserItems,
    *,
    seed: int,
    factors: int,
    max_iterations: int,
    max_fit_customers: int,
) -> ProductFactors:
    """Find the tastes by which `recommend` scores."""
    tastes = product_factors(
        items.weights,
        factors=factors,
        max_iterations=max_iterations,
        max_fit_customers=max_fit_customers,
        seed=seed,
    )
    return ProductFactors(items.products, tastes.T)


def suggest(items: UserItems, model: ProductFactors, *, top_n: int) -> pa.Table:
    """Recommend to each customer by a model, which may know other customers.

    See `recommend`; what a customer gets does not depend on who else is asked.
    """
    items = on_products(items, model.products)
    loadings = customer_factors(asked_rows(items, items.weights), model.factors.T)
    return from_factors(items, loadings, model.factors, top_n=top_n, above=0.0)


def product_factors(
    weights: scipy.sparse.csr_matrix,
    *,
    factors: int,
    max_iterations: int,
    max_fit_customers: int,
    seed: int = 0,
) -> np.ndarray:
    """Find H (f, n_products) >= 0 such that some W H, W >= 0, is close to the weights.

    By scikit-learn's coordinate descent on the squared error, from singular vectors
    (NNDSVDa, Boutsidis and Gallopoulos 2008), to its tolerance or max_iterations; on at
    most max_fit_customers rows, evenly spaced. f is factors, or fewer where a side of
    the matrix is shorter or a factor dies out. Raises ValueError where an argument is
    below 1.
    """
    for name, value in (
        ("factors", factors),
        ("max_iterations", max_iterations),
        ("max_fit_customers", max_fit_customers),
    ):
        if value < 1:
            raise ValueError(f"{name} == {value}, must be >= 1.")
    rows, columns = weights.shape
    if rows > max_fit_customers:
        weights = weights[np.arange(max_fit_customers) * rows // max_fit_customers]
    if weights.nnz == 0:
        return np.zeros((0, columns))
    # Imported late: scikit-learn takes seconds to load.
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    model = NMF(
        min(factors, *weights.shape),
        init="nndsvda",
        max_iter=max_iterations,
        random_state=seed,
    )
    # An exact fit has an error of about 0, which rounding may push below it.
    with one_thread(), warnings.catch_warnings(), np.errstate(invalid="ignore"):
        # To stop early costs a little accuracy, which the evaluation judges.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(weights)
    return model.components_[model.components_.any(axis=1)]


def customer_factors(
    weights: scipy.sparse.csr_matrix, tastes: np.ndarray, *, sweeps: int = 100
) -> np.ndarray:
    """Find W >= 0 (n_customers, f) with the least squared error of W H, H being tastes.

    Cyclic coordinate descent, a fixed number of sweeps from 0: unlike scikit-learn's
    transform, which starts from a mean over all rows and stops by their sum, it gives a
    customer the same loadings in whatever company.

    >>> customer_factors(scipy.sparse.csr_matrix([[2.0, 4.0]]), np.array([[1.0, 1.0]]))
    array([[3.]])
    """
    gram = tastes @ tastes.T
    loadings = np.zeros((weights.shape[0], len(tastes)))

    def solve_block(start: int) -> None:
        block = slice(start, start + BLOCK_CUSTOMERS)
        target = np.ascontiguousarray((weights[block] @ tastes.T).T)
        solved = np.zeros_like(target)
        for _ in range(sweeps):
            for factor, (row, own) in enumerate(
                zip(gram, gram.diagonal(), strict=True)
            ):
                step = (target[factor] - row @ solved) / own
                solved[factor] = np.maximum(solved[factor] + step, 0)
        loadings[block] = solved.T

    run_in_threads(solve_block, range(0, len(loadings), BLOCK_CUSTOMERS))
    return loadings
