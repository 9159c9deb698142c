"""Time exact top-10 search against its floor and other libraries, on the same data.

The floor is the bare matrix product of all customers and products, which every exact
search by dense scores has to compute. Run it with `python -m benchmarks.topn`.
"""

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse
from threadpoolctl import ThreadpoolController, threadpool_limits

from mercato.topn import top_n_products

N = 10
BLOCK_ROWS = 1_000


class Problem(NamedTuple):
    """Factors like those of a decomposition, and what each customer owns."""

    customers: np.ndarray
    products: np.ndarray
    owned: scipy.sparse.csr_matrix


Search = Callable[[Problem], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.topn")
    parser.add_argument("--customers", type=int, default=60_000)
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    problem = _problem(options.customers, options.products, options.factors)
    searches = _searches(problem, options.threads)
    seconds: dict[str, list[float]] = {name: [] for name in searches}
    cpu_seconds: dict[str, list[float]] = {name: [] for name in searches}
    differences: dict[str, float] = {}
    with threadpool_limits(options.threads):
        expected = top_n_products(*problem, n=N).scores
        # In turns, so that what else the machine does is shared fairly.
        for _ in range(options.repetitions):
            for name, search in searches.items():
                begin, cpu_begin = time.perf_counter(), time.process_time()
                scores = search(problem)
                seconds[name].append(time.perf_counter() - begin)
                cpu_seconds[name].append(time.process_time() - cpu_begin)
                if name != _FLOOR:
                    found = -np.sort(-scores, axis=1)
                    differences[name] = float(np.abs(found - expected).max())
    _print(seconds, cpu_seconds, differences)


_FLOOR = "matrix product alone"
_OWN = "mercato.topn"


def _problem(n_customers: int, n_products: int, factors: int) -> Problem:
    """Return seeded factors whose sizes fall off as singular values do."""
    random = np.random.default_rng(20091201)
    scale = (1 / np.sqrt(np.arange(1, factors + 1))).astype(np.float32)
    customers = random.standard_normal((n_customers, factors), np.float32) * scale
    products = random.standard_normal((n_products, factors), np.float32)
    per_customer = random.poisson(25, n_customers)
    rows = np.repeat(np.arange(n_customers), per_customer)
    columns = (n_products * random.random(len(rows)) ** 2).astype(np.int64)
    owned = scipy.sparse.csr_matrix(
        (np.ones(len(rows), np.float32), (rows, columns)), (n_customers, n_products)
    )
    return Problem(customers, products, owned)


def _searches(problem: Problem, threads: int) -> dict[str, Search]:
    searches: dict[str, Search] = {
        _FLOOR: _product_alone,
        _OWN: lambda given: top_n_products(*given, n=N).scores,
        "NumPy argpartition": _argpartition,
    }
    try:
        from implicit.cpu.topk import topk  # noqa: F401

        searches["implicit.cpu.topk"] = lambda given: _implicit(given, threads)
    except ImportError:
        print("implicit is not installed: left out")
    try:
        import faiss

        faiss.omp_set_num_threads(threads)
        searches["faiss IndexFlatIP"] = _faiss
    except ImportError:
        print("faiss-cpu is not installed: left out")
    return searches


def _product_alone(given: Problem) -> np.ndarray:
    transposed = np.ascontiguousarray(given.products.T)
    block = np.empty((BLOCK_ROWS, len(given.products)), np.float32)
    for start in range(0, len(given.customers), BLOCK_ROWS):
        rows = given.customers[start : start + BLOCK_ROWS]
        np.matmul(rows, transposed, out=block[: len(rows)])
    return block


def _argpartition(given: Problem) -> np.ndarray:
    transposed = np.ascontiguousarray(given.products.T)
    found = []
    for start in range(0, len(given.customers), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        scores = given.customers[rows] @ transposed
        scores[given.owned[rows].nonzero()] = -np.inf
        best = np.argpartition(scores, -N, axis=1)[:, -N:]
        found.append(np.take_along_axis(scores, best, axis=1))
    return np.concatenate(found)


def _implicit(given: Problem, threads: int) -> np.ndarray:
    from implicit.cpu.topk import topk

    # It is threaded over its own batches and wants BLAS to be single-threaded.
    with ThreadpoolController().select(user_api="blas").limit(limits=1):
        return topk(
            given.products,
            given.customers,
            N,
            filter_query_items=given.owned,
            num_threads=threads,
        )[1]


def _faiss(given: Problem) -> np.ndarray:
    """Ask for so many more as a customer owns: faiss cannot exclude per query."""
    import faiss

    index = faiss.IndexFlatIP(given.products.shape[1])
    index.add(given.products)
    owned_counts = np.diff(given.owned.indptr)
    width = len(given.products)
    owned_rows = np.repeat(np.arange(len(given.customers)), owned_counts)
    owned_keys = np.sort(owned_rows * width + given.owned.indices)
    scores = np.empty((len(given.customers), N), np.float32)
    order = np.argsort(owned_counts, kind="stable")
    for rows in np.array_split(order, 20):
        asked = N + int(owned_counts[rows].max())
        values, products = index.search(given.customers[rows], asked)
        keys = rows[:, None] * width + products
        places = np.minimum(np.searchsorted(owned_keys, keys), len(owned_keys) - 1)
        values[owned_keys[places] == keys] = -np.inf
        scores[rows] = -np.partition(-values, N - 1, axis=1)[:, :N]
    return scores


def _print(
    seconds: dict[str, list[float]],
    cpu_seconds: dict[str, list[float]],
    differences: dict[str, float],
) -> None:
    median = {name: float(np.median(values)) for name, values in seconds.items()}
    print(
        "| search | median s | best s | median CPU s "
        "| to the floor | to mercato | score gap |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, values in seconds.items():
        gap = f"{differences[name]:.1e}" if name in differences else ""
        print(
            f"| {name} | {median[name]:.2f} | {min(values):.2f} "
            f"| {np.median(cpu_seconds[name]):.2f} "
            f"| {median[name] / median[_FLOOR]:.2f} "
            f"| {median[name] / median[_OWN]:.2f} | {gap} |"
        )


if __name__ == "__main__":
    main()
