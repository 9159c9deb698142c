import numpy as np
import pyarrow as pa
import pytest

from mercato.recommenders import vae
from mercato.recommenders.interactions import user_items
from mercato.recommenders.vae import recommend

SMALL = {"hidden": 16, "latent": 4, "epochs": 5}


@pytest.fixture
def items_of(interactions_of):
    return lambda matrix: user_items(interactions_of(matrix))


def random_matrix(seed=1, shape=(50, 20), density=0.3):
    rng = np.random.default_rng(seed)
    return rng.integers(1, 5, shape) * (rng.random(shape) < density)


def test_missing_torch_is_told_before_and_when_asked(items_of, monkeypatch):
    monkeypatch.setattr(vae, "find_spec", lambda name: None)
    assert not vae.is_available()
    with pytest.raises(ModuleNotFoundError, match="needs torch, which is not") as error:
        recommend(items_of(np.eye(2)), top_n=1)
    assert error.value.name == "torch"


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="torch is not installed")


def test_loss_is_that_of_the_formula(torch, monkeypatch):
    # Without dropout and with spreads of e^-40 nothing is random any more.
    monkeypatch.setattr(vae, "DROPOUT", 0.0)
    rng = np.random.default_rng(2)
    shapes = [(6, 4), (4, 3), (4, 3), (3, 4), (4, 6)]
    arrays = [(rng.standard_normal(s), rng.standard_normal(s[1])) for s in shapes]
    arrays[2] = (np.zeros((4, 3)), np.full(3, -40.0))
    layers = vae._Layers(*(vae._Layer(*map(torch.tensor, part)) for part in arrays))
    counts = rng.integers(1, 4, (5, 6)).astype(float)
    chance = torch.Generator().manual_seed(0)
    loss = vae._loss(layers, torch.tensor(counts), 0.7, chance).item()

    (w1, b1), (w2, b2), _, (w3, b3), (w4, b4) = arrays
    inputs = counts / np.linalg.norm(counts, axis=1, keepdims=True)
    means = np.tanh(inputs @ w1 + b1) @ w2 + b2
    odds = np.exp(np.tanh(means @ w3 + b3) @ w4 + b4)
    log_shares = np.log(odds / odds.sum(axis=1, keepdims=True))
    divergence = 0.5 * np.sum(means**2 + np.exp(-40) - (-40) - 1, axis=1)
    expected = np.mean(0.7 * divergence - np.sum(counts * log_shares, axis=1))
    assert loss == pytest.approx(expected, abs=1e-6)


def test_log_shares_are_those_of_torch(items_of, torch):
    matrix = random_matrix()
    items = items_of(matrix)
    layers = vae._fitted(items.weights, 16, 4, 2, seed=1)
    tensors = vae._Layers(*(vae._Layer(*map(torch.tensor, part)) for part in layers))
    inputs = torch.nn.functional.normalize(torch.tensor(items.weights.toarray()))
    means = tensors.means(torch.tanh(tensors.encoder(inputs)))
    logits = tensors.output(torch.tanh(tensors.decoder(means)))
    expected = torch.log_softmax(logits, dim=1).numpy()
    found = vae._log_shares(layers, items.weights)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    np.testing.assert_allclose(np.exp(found).sum(axis=1), 1)


def test_two_tastes_are_kept_apart(items_of, torch):
    # Thirty customers of each taste have most of its six products.
    matrix = np.kron(np.eye(2), np.ones((30, 6))) * random_matrix(3, (60, 12), 0.7)
    found = recommend(items_of(matrix), top_n=1, epochs=150).to_pandas()
    is_of_taste = found["product_index"] // 6 == found["customer_index"] // 30
    has_all = (matrix > 0).sum(axis=1)[found["customer_index"]] == 6
    assert is_of_taste[~has_all].all()


def test_nothing_owned_and_shares_below_one(items_of, torch):
    matrix = random_matrix(4)
    found = recommend(items_of(matrix), top_n=20, **SMALL).to_pandas()
    assert not matrix[found["customer_index"], found["product_index"]].any()
    assert (found["score"] < 0).all()
    assert len(found) == np.count_nonzero(matrix.any(axis=1)) * 20 - (matrix > 0).sum()


def test_repetition_and_threads_change_nothing(items_of, torch):
    items = items_of(random_matrix(5))
    first = recommend(items, top_n=5, seed=3, **SMALL)
    threads = torch.get_num_threads()
    torch.set_num_threads(threads % 2 + 1)
    torch.manual_seed(9)
    try:
        assert recommend(items, top_n=5, seed=3, **SMALL).equals(first)
        assert torch.get_num_threads() == threads % 2 + 1
    finally:
        torch.set_num_threads(threads)
    assert not recommend(items, top_n=5, seed=4, **SMALL).equals(first)


def test_only_popular_products_take_part(items_of, torch):
    # Product 0 has three customers, 1 and 2 have two each, 3 has one.
    matrix = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 0], [0, 0, 0, 1]])
    found = recommend(items_of(matrix), top_n=4, max_products=2, **SMALL)
    assert found["customer_index"].to_pylist() == [1]
    assert found["product_index"].to_pylist() == [1]


def test_targets_get_what_they_would_get_among_all(interactions_of, torch):
    table = interactions_of(random_matrix(6).astype(float))
    everybody = recommend(user_items(table), top_n=5, **SMALL).to_pandas()
    targets = pa.table({"customer_index": [3, 40]})
    some = recommend(user_items(table, targets), top_n=5, **SMALL).to_pandas()
    wanted = everybody[everybody["customer_index"].isin([3, 40])]
    assert some.equals(wanted.reset_index(drop=True))


def test_fit_uses_evenly_spaced_customers(items_of, torch, monkeypatch):
    fitted = []
    original = vae._fitted

    def spy(counts, *arguments):
        fitted.append(counts)
        return original(counts, *arguments)

    monkeypatch.setattr(vae, "_fitted", spy)
    items = items_of(random_matrix(7, (40, 10), 0.6))
    recommend(items, top_n=1, max_fit_customers=10, **SMALL)
    assert (fitted[0] != items.weights[::4]).nnz == 0


@pytest.mark.parametrize(
    "name",
    ["top_n", "hidden", "latent", "epochs", "max_products", "max_fit_customers"],
)
def test_bad_arguments_name_argument_value_and_bound(items_of, torch, name):
    with pytest.raises(ValueError, match=rf"{name} == 0, must be >= 1\."):
        recommend(items_of(np.eye(2)), **({"top_n": 1} | {name: 0}))
