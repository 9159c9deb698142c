"""Draws customers with favourite products, and keeps a part of them to be foreseen.

The same picture as the shop of `benchmarks.generate`, for one table alone: a power law
of customers and of products, two favourite groups of products per customer, and what
else there is besides.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse

SEED = 20140203
HELD_OUT_SHARE = 0.1
GROUP_PRODUCTS = 50
BLOCK_CUSTOMERS = 2**16
# Of a customer's interactions, in the first and in either favourite group.
FIRST_SHARE, FAVOURITE_SHARE = 0.55, 0.80
# The higher, the more of the sales the first groups, and products of a group, make.
GROUP_POWER, PRODUCT_POWER = 1.5, 2.2
# The most active customers, one in 400, have 20 times as many draws as the least.
ACTIVITY_POWER, MOST_ACTIVE = 0.5, 20.0

_PARTS = ("data", "indices", "indptr")


class Interactions(NamedTuple):
    """What customers did before, and what they did next.

    train: float32 csr (customers, products), ln(1 + number of interactions). held_out:
    csr of the same shape, other products of the same customers.
    """

    train: scipy.sparse.csr_matrix
    held_out: scipy.sparse.csr_matrix


def draw(customers: int, products: int, mean_draws: float) -> Interactions:
    """Draw interactions, about mean_draws for each customer, repetitions among them.

    products is rounded up to whole groups of 50. Equal sizes give equal interactions.
    """
    groups = -(-products // GROUP_PRODUCTS)
    shape = (customers, groups * GROUP_PRODUCTS)
    blocks = [
        _block(start, min(BLOCK_CUSTOMERS, customers - start), groups, mean_draws)
        for start in range(0, customers, BLOCK_CUSTOMERS)
    ]
    train, held_out = zip(*blocks, strict=True)
    return Interactions(_stacked(train, shape), _stacked(held_out, shape))


def save(interactions: Interactions, folder: Path) -> None:
    """Write both matrices as plain arrays."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, matrix in interactions._asdict().items():
        for part in _PARTS:
            np.save(folder / f"{name}_{part}.npy", getattr(matrix, part))
    np.save(folder / "shape.npy", interactions.train.shape)


def load(folder: Path, name: str) -> scipy.sparse.csr_matrix:
    """Read one of the two matrices."""
    parts = (np.load(folder / f"{name}_{part}.npy") for part in _PARTS)
    shape = tuple(np.load(folder / "shape.npy").tolist())
    return scipy.sparse.csr_matrix(tuple(parts), shape)


class _Pairs(NamedTuple):
    counts: np.ndarray
    products: np.ndarray
    weights: np.ndarray


def _block(
    start: int, customers: int, groups: int, mean_draws: float
) -> tuple[_Pairs, _Pairs]:
    random = np.random.default_rng([SEED, start])
    activity = np.minimum(random.random(customers) ** -ACTIVITY_POWER, MOST_ACTIVE)
    # The mean of that activity is 2 - 1 / MOST_ACTIVE.
    draws = np.rint(mean_draws * activity / (2 - 1 / MOST_ACTIVE)).astype(np.int64)
    customer = np.repeat(np.arange(customers), np.maximum(draws, 2))
    favourites = random.random((2, customers))
    choice = random.random(len(customer))
    group = random.random(len(customer))
    first, either = choice < FIRST_SHARE, choice < FAVOURITE_SHARE
    group[either] = favourites[1][customer[either]]
    group[first] = favourites[0][customer[first]]
    product = GROUP_PRODUCTS * _skewed(groups, group, GROUP_POWER)
    product += _skewed(GROUP_PRODUCTS, random.random(len(customer)), PRODUCT_POWER)
    width = groups * GROUP_PRODUCTS
    pairs, repeated = np.unique(customer * width + product, return_counts=True)
    held_out = random.random(len(pairs)) < HELD_OUT_SHARE
    return tuple(
        _Pairs(
            np.bincount(pairs[kept] // width, minlength=customers),
            (pairs[kept] % width).astype(np.int32),
            np.log1p(repeated[kept]).astype(np.float32),
        )
        for kept in (~held_out, held_out)
    )


def _skewed(size: int, uniform: np.ndarray, power: float) -> np.ndarray:
    return np.minimum((size * uniform**power).astype(np.int64), size - 1)


def _stacked(
    parts: tuple[_Pairs, ...], shape: tuple[int, int]
) -> scipy.sparse.csr_matrix:
    arrays = zip(*parts, strict=True)
    counts, products, weights = map(np.concatenate, arrays)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    # What fits is counted in 32 bits, as scipy itself would do.
    if offsets[-1] < 2**31:
        offsets = offsets.astype(np.int32)
    return scipy.sparse.csr_matrix((weights, products, offsets), shape)
