"""How many threads there are, and work on them whose sums have one order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from threadpoolctl import ThreadpoolController, threadpool_limits


def available_threads() -> int:
    """Return the number of threads that BLAS would use."""
    blas = ThreadpoolController().select(user_api="blas")
    return max((library.num_threads for library in blas.lib_controllers), default=1)


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold linear algebra and scikit-learn to one thread: sums then have one order."""
    # A limit holds for what is loaded, and scikit-learn has an OpenMP of its own.
    import sklearn  # noqa: F401

    with threadpool_limits(1):
        yield


@contextmanager
def executor_of_threads() -> Iterator[Executor]:
    """Give as many threads as BLAS would have used.

    BLAS itself is held to one thread meanwhile: its results then depend on what one
    task gives it alone, whatever the machine.
    """
    blas = ThreadpoolController().select(user_api="blas")
    threads = available_threads()
    with blas.limit(limits=1), ThreadPoolExecutor(threads) as executor:
        yield executor


def run_in_threads(task: Callable[[int], None], arguments: Iterable[int]) -> None:
    """Run a task for each argument, on the threads of executor_of_threads."""
    with executor_of_threads() as executor:
        for _ in executor.map(task, arguments):
            pass
