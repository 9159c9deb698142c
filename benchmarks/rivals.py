"""The recommenders that `benchmarks.recommenders` compares, each in its own process.

`python -m benchmarks.rivals NAME FOLDER OUTPUT` reads the training matrix that
`benchmarks.interactions` wrote to a folder, fits, finds the ten best new products of
every customer, and writes them as lists.npy and what that took as costs.json.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.sparse

from benchmarks.interactions import load

N = 10
FACTORS = 64
BLOCK_ROWS = 1_000

# Gets float32 csr (customers, products); returns (customers, N), -1 where there is
# none, or None where nothing is found.
Solution = Callable[[scipy.sparse.csr_matrix], np.ndarray | None]


def _mercato(name: str, **parameters: float) -> Solution:
    def solve(train: scipy.sparse.csr_matrix) -> np.ndarray:
        from importlib import import_module

        from mercato.recommenders.interactions import UserItems

        customers, products = train.shape
        everybody = np.arange(customers)
        items = UserItems(
            everybody,
            np.arange(products),
            train.astype(np.float64),
            train.astype(bool),
            everybody,
        )
        module = import_module(f"mercato.recommenders.{name}")
        found = module.recommend(items, top_n=N, seed=0, **parameters)
        lists = np.full((customers, N), -1, dtype=np.int32)
        places = found["recommendation_rank"].to_numpy() - 1
        lists[found["customer_index"].to_numpy(), places] = found["product_index"]
        return lists

    return solve


def _implicit_cosine(train: scipy.sparse.csr_matrix) -> np.ndarray:
    from implicit.nearest_neighbours import CosineRecommender

    model = CosineRecommender(K=20, num_threads=_threads())
    weights = train.astype(np.float64)
    model.fit(weights, show_progress=False)
    return model.recommend(np.arange(train.shape[0]), weights, N=N)[0]


def _implicit_als(train: scipy.sparse.csr_matrix) -> np.ndarray:
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=FACTORS, alpha=10.0, num_threads=_threads(), random_state=0
    )
    model.fit(train, show_progress=False)
    return model.recommend(np.arange(train.shape[0]), train, N=N)[0]


def _sklearn_svd(train: scipy.sparse.csr_matrix) -> np.ndarray:
    from sklearn.decomposition import TruncatedSVD

    model = TruncatedSVD(FACTORS, random_state=0)
    factors = model.fit_transform(train)
    return _best_of_blocks(train, lambda rows: factors[rows] @ model.components_)


def _sklearn_cosine(train: scipy.sparse.csr_matrix) -> np.ndarray:
    from sklearn.metrics.pairwise import cosine_similarity

    similarities = cosine_similarity(train.T)
    np.fill_diagonal(similarities, 0)
    return _best_of_blocks(train, lambda rows: train[rows] @ similarities)


def _best_of_blocks(
    train: scipy.sparse.csr_matrix, score: Callable[[slice], np.ndarray]
) -> np.ndarray:
    lists = np.empty((train.shape[0], N), dtype=np.int32)
    for start in range(0, train.shape[0], BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        scores = score(rows)
        scores[train[rows].nonzero()] = -np.inf
        best = np.argpartition(-scores, N, axis=1)[:, :N]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
        lists[rows] = np.take_along_axis(best, order, axis=1)
    return lists


def _product_alone(train: scipy.sparse.csr_matrix) -> None:
    """Score all customers and products with made-up factors, and find nothing."""
    random = np.random.default_rng(0)
    customers, products = train.shape
    left = random.standard_normal((customers, FACTORS), dtype=np.float32)
    right = random.standard_normal((FACTORS, products), dtype=np.float32)
    block = np.empty((BLOCK_ROWS, products), dtype=np.float32)
    for start in range(0, customers, BLOCK_ROWS):
        rows = left[start : start + BLOCK_ROWS]
        np.matmul(rows, right, out=block[: len(rows)])


FLOOR = "matrix product alone"
SOLUTIONS: dict[str, Solution] = {
    FLOOR: _product_alone,
    "mercato item_knn": _mercato("item_knn", neighbours=50, shrinkage=50.0),
    "mercato ease": _mercato("ease"),
    "mercato svd": _mercato("svd", factors=FACTORS),
    "implicit cosine": _implicit_cosine,
    "implicit ALS": _implicit_als,
    "scikit-learn cosine": _sklearn_cosine,
    "scikit-learn SVD": _sklearn_svd,
}


def _threads() -> int:
    return int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rivals")
    parser.add_argument("name", choices=SOLUTIONS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    train = load(options.folder, "train")
    begin, cpu_begin = time.perf_counter(), time.process_time()
    lists = SOLUTIONS[options.name](train)
    costs = {
        "wall_seconds": round(time.perf_counter() - begin, 2),
        "cpu_seconds": round(time.process_time() - cpu_begin, 2),
    }
    if lists is not None:
        np.save(options.output / "lists.npy", lists)
    (options.output / "costs.json").write_text(json.dumps(costs), encoding="utf-8")


if __name__ == "__main__":
    main()
