"""Recommendations from a variational autoencoder (Mult-VAE), where torch is installed.

torch is no dependency of mercato: ask is_available() before recommend().
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse
import scipy.sparse.linalg
from scipy.special import log_softmax

from mercato.recommenders.catalogue import most_popular, on_products
from mercato.recommenders.interactions import UserItems
from mercato.recommenders.scoring import from_blocks
from mercato.sampling import evenly_spaced

if TYPE_CHECKING:
    import torch

# As in section 4.3 of the paper, but for the number of steps, which is that of a shop's
# customers rather than of a benchmark's.
DROPOUT = 0.5
LEARNING_RATE = 1e-3
KL_WEIGHT = 0.2
BATCH_CUSTOMERS = 200


def is_available() -> bool:
    """Tell whether torch is installed, without loading it."""
    return find_spec("torch") is not None


def recommend(
    items: UserItems,
    *,
    top_n: int,
    seed: int = 0,
    hidden: int = 200,
    latent: int = 64,
    epochs: int = 50,
    max_products: int = 5000,
    max_fit_customers: int = 10_000,
) -> pa.Table:
    """Recommend what a neural network expects among a customer's purchases.

    The multinomial variational autoencoder of Liang, Krishnan, Hoffman and Jebara,
    "Variational autoencoders for collaborative filtering" (2018): one hidden layer on
    either side of the latent variables, the weights taken as counts. The score is the
    logarithm of a product's share in what the customer may be expected to take, so
    below 0.

    Only the max_products that the most customers have (equal counts by lower index)
    take part; a customer with none of them gets no row. The network is fitted on at
    most max_fit_customers, evenly spaced. Computed on one thread of the CPU, the result
    is the same for the same seed, version of torch and kind of processor. Returns
    RECOMMENDATIONS_SCHEMA, sorted by customer and rank; ties rank by lower
    product_index. Raises ModuleNotFoundError without torch, ValueError where a
    parameter other than the seed is below 1.
    """
    model = fit(
        items,
        seed=seed,
        hidden=hidden,
        latent=latent,
        epochs=epochs,
        max_products=max_products,
        max_fit_customers=max_fit_customers,
    )
    return suggest(items, model, top_n=top_n)


def fit(
    items: UserItems,
    *,
    seed: int,
    hidden: int,
    latent: int,
    epochs: int,
    max_products: int,
    max_fit_customers: int,
) -> Network:
    """Fit the network by which `recommend` scores."""
    if not is_available():
        raise ModuleNotFoundError(
            "mercato.recommenders.vae needs torch, which is not installed.",
            name="torch",
        )
    for name, value in (
        ("hidden", hidden),
        ("latent", latent),
        ("epochs", epochs),
        ("max_fit_customers", max_fit_customers),
    ):
        if value < 1:
            raise ValueError(f"{name} == {value}, must be >= 1.")
    items = most_popular(items, max_products)
    known = np.flatnonzero(np.diff(items.weights.indptr))
    fitted = evenly_spaced(known, max_fit_customers)
    layers = _fitted(items.weights[fitted], hidden, latent, epochs, seed)
    return Network(items.products, layers)


def suggest(items: UserItems, model: Network, *, top_n: int) -> pa.Table:
    """Recommend to each customer by a model, which may know other customers.

    See `recommend`; what a customer gets does not depend on who else is asked.
    """
    items = on_products(items, model.products)
    known = np.flatnonzero(np.diff(items.weights.indptr))
    items = items._replace(asked=np.intersect1d(items.asked, known))

    def score_rows(rows: np.ndarray) -> np.ndarray:
        return _log_shares(model.layers, items.weights[rows])

    return from_blocks(items, score_rows, top_n=top_n)


class _Layer(NamedTuple):
    """Weights (n_inputs, n_outputs) and biases (n_outputs,)."""

    weights: Any
    biases: Any

    def __call__(self, inputs: Any) -> Any:
        return inputs @ self.weights + self.biases


class _Layers(NamedTuple):
    """The network: means and spreads both follow the encoder."""

    encoder: _Layer
    means: _Layer
    spreads: _Layer
    decoder: _Layer
    output: _Layer


class Network(NamedTuple):
    """A network and the products that it knows, by product_index, ascending."""

    products: np.ndarray
    layers: _Layers


def _fitted(
    counts: scipy.sparse.csr_matrix, hidden: int, latent: int, epochs: int, seed: int
) -> _Layers:
    """Fit the network by Adam and return its layers as float64 arrays."""
    import torch

    customers, products = counts.shape
    chance = torch.Generator().manual_seed(seed)
    layers = _Layers(
        _random_layer(products, hidden, chance),
        _random_layer(hidden, latent, chance),
        _random_layer(hidden, latent, chance),
        _random_layer(latent, hidden, chance),
        _random_layer(hidden, products, chance),
    )
    tensors = [tensor for layer in layers for tensor in layer]
    optimiser = torch.optim.Adam(tensors, lr=LEARNING_RATE)
    steps = epochs * math.ceil(customers / BATCH_CUSTOMERS)
    step = 0
    with _one_thread():
        for _ in range(epochs):
            order = torch.randperm(customers, generator=chance).numpy()
            for start in range(0, customers, BATCH_CUSTOMERS):
                step += 1
                rows = counts[order[start : start + BATCH_CUSTOMERS]].toarray()
                batch = torch.from_numpy(rows.astype(np.float32))
                loss = _loss(layers, batch, KL_WEIGHT * step / steps, chance)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
    return _Layers(
        *(
            _Layer(*(part.detach().double().numpy() for part in layer))
            for layer in layers
        )
    )


def _random_layer(inputs: int, outputs: int, chance: torch.Generator) -> _Layer:
    """Draw weights as Glorot and Bengio (2010), equation 16; biases are 0."""
    import torch

    bound = math.sqrt(6 / (inputs + outputs))
    weights = torch.empty(inputs, outputs).uniform_(-bound, bound, generator=chance)
    return _Layer(weights.requires_grad_(), torch.zeros(outputs, requires_grad=True))


def _loss(
    layers: _Layers, counts: torch.Tensor, kl_weight: float, chance: torch.Generator
) -> torch.Tensor:
    """Compute the negative lower bound of the evidence (equation 7 of the paper)."""
    import torch

    inputs = torch.nn.functional.normalize(counts)
    kept = torch.rand(counts.shape, generator=chance) >= DROPOUT
    encoded = torch.tanh(layers.encoder(inputs * kept / (1 - DROPOUT)))
    means, log_variances = layers.means(encoded), layers.spreads(encoded)
    noise = torch.randn(means.shape, generator=chance)
    drawn = means + noise * torch.exp(log_variances / 2)
    shares = torch.log_softmax(layers.output(torch.tanh(layers.decoder(drawn))), dim=1)
    divergence = (means**2 + log_variances.exp() - log_variances - 1).sum(dim=1) / 2
    return (kl_weight * divergence - (counts * shares).sum(dim=1)).mean()


def _log_shares(layers: _Layers, counts: scipy.sparse.csr_matrix) -> np.ndarray:
    """Score customers at the mean of their latent variables, in plain NumPy."""
    inputs = (
        scipy.sparse.diags_array(1 / scipy.sparse.linalg.norm(counts, axis=1)) @ counts
    )
    means = layers.means(np.tanh(layers.encoder(inputs)))
    return log_softmax(layers.output(np.tanh(layers.decoder(means))), axis=1)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Hold torch to one thread: sums then have one order, whatever the machine."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
