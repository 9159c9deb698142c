"""What all recommenders have in common, on input that none of them likes."""

import importlib
import importlib.util
import inspect
import pkgutil

import numpy as np
import pyarrow as pa
import pytest
from threadpoolctl import threadpool_limits

from mercato import recommenders
from mercato.recommenders.interactions import user_items
from mercato.recommenders.scoring import RECOMMENDATIONS_SCHEMA

MODULES = {
    found.name: importlib.import_module(f"mercato.recommenders.{found.name}")
    for found in pkgutil.iter_modules(recommenders.__path__)
}
RECOMMENDERS = {
    name: module.recommend
    for name, module in MODULES.items()
    if hasattr(module, "recommend")
}
SMALL = {"factors": 6, "neighbours": 10, "epochs": 3, "hidden": 8, "latent": 4}
NEEDS_TORCH = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed"
)
TOP_N = 5
MANY = 200


def matrices():
    rng = np.random.default_rng(1)
    random = (rng.random((40, 25)) < 0.2) * rng.integers(1, 6, (40, 25)).astype(float)
    equal = np.sign(random)
    return {
        "nothing": np.zeros((0, 0)),
        "one interaction": np.ones((1, 1)),
        "one customer": np.ones((1, 20)),
        "one product": np.ones((20, 1)),
        "everything owned by everybody": np.ones((6, 4)),
        "nothing in common": np.eye(30),
        "the same two products everywhere": np.tile([1.0, 1.0, 0.0], (9, 1)),
        "customer with everything": np.vstack([random, np.ones(25)]),
        "product of everybody": np.hstack([random, np.ones((40, 1))]),
        "two halves without a link": np.kron(np.eye(2), equal[:20, :10]),
        "equal weights": equal,
        "huge and tiny weights": equal * 10.0 ** rng.integers(-6, 13, (40, 25)),
        "tiny weights": equal * 1e-6,
        "gaps in the indices": np.kron(random, [[0, 0, 1], [0, 0, 0]]),
    }


MATRICES = matrices()


def other_tables(name, weights):
    """Make what some recommenders read beside the interactions."""
    products = np.arange(weights.shape[1])
    if name == "content":
        terms = [f"word {product % 3}" for product in products]
        columns = {"term": pa.array(terms, pa.string()), "tfidf_weight": products + 1.0}
        return {"terms": pa.table({"product_index": products} | columns)}
    if name == "association":
        has = np.sign(weights)
        common = has.T @ has
        left, right = np.nonzero(common * (1 - np.eye(len(products))))
        counts = {
            "basket_count": common[left, right].astype(int),
            "product_basket_count": common[left, left].astype(int),
            "other_basket_count": common[right, right].astype(int),
            "all_basket_count": np.full(len(left), len(weights)),
        }
        pairs = {"product_index": left, "other_product_index": right}
        return {"pairs": pa.table(pairs | counts)}
    return {}


EACH = [
    pytest.param(name, marks=[NEEDS_TORCH] if name == "vae" else [])
    for name in sorted(RECOMMENDERS)
]


@pytest.fixture(params=EACH)
def recommend(request):
    """Recommend from a matrix of weights by one method, with small models."""
    method = RECOMMENDERS[request.param]
    accepted = inspect.signature(method).parameters
    defaults = {name: size for name, size in SMALL.items() if name in accepted}

    def recommend(table, weights, targets=None, *, top_n=TOP_N, **options):
        tables = other_tables(request.param, np.asarray(weights, dtype=float))
        options = {name: x for name, x in options.items() if name in accepted}
        items = user_items(table, targets)
        options = defaults | options | tables
        return method(items, top_n=top_n, seed=0, **options)

    return recommend


def check(found, interactions, top_n=TOP_N):
    """Check what holds for every table of recommendations."""
    assert found.schema == RECOMMENDATIONS_SCHEMA
    assert not any(column.null_count for column in found.columns)
    rows = found.to_pandas()
    assert np.isfinite(rows["score"]).all()
    assert (rows["score"] == rows["score"].round(6)).all()
    keys = rows[["customer_index", "recommendation_rank"]]
    assert keys.equals(keys.sort_values(list(keys), ignore_index=True))
    assert not rows.duplicated(["customer_index", "product_index"]).any()
    best = rows.sort_values(
        ["customer_index", "score", "product_index"], ascending=[True, False, True]
    )
    place = best.groupby("customer_index").cumcount() + 1
    assert (best["recommendation_rank"] == place).all()
    assert (place <= top_n).all()
    seen = interactions.to_pandas()
    owned = seen[seen["is_owned"]]
    pairs = zip(owned["customer_index"], owned["product_index"], strict=True)
    found_pairs = zip(rows["customer_index"], rows["product_index"], strict=True)
    assert not set(pairs) & set(found_pairs)
    assert set(rows["customer_index"]) <= set(seen["customer_index"])


def test_all_recommenders_are_found():
    assert {"svd", "item_knn", "user_knn", "ease"} <= set(RECOMMENDERS)


def test_parameters_are_named_alike():
    for method in RECOMMENDERS.values():
        items, *others = inspect.signature(method).parameters.values()
        assert items.name == "items"
        assert {"top_n", "seed"} <= {other.name for other in others}
        assert {other.kind for other in others} == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("share_owned", [1.0, 0.5, 0.0])
def test_any_matrix_gives_sound_rows(recommend, interactions_of, name, share_owned):
    weights = MATRICES[name]
    is_owned = np.random.default_rng(2).random(weights.shape) < share_owned
    table = interactions_of(weights, is_owned)
    check(recommend(table, weights), table)


@pytest.mark.parametrize("name", ["equal weights", "one customer", "nothing in common"])
def test_more_is_asked_than_there_is(recommend, interactions_of, name):
    table = interactions_of(MATRICES[name])
    found = recommend(table, MATRICES[name], top_n=MANY, factors=MANY, neighbours=MANY)
    check(found, table, top_n=MANY)


def test_equal_products_rank_by_index(recommend, interactions_of):
    # All customers but the last have all eight products; the last has only the first.
    weights = np.ones((12, 8))
    weights[-1, 1:] = 0
    found = recommend(interactions_of(weights), weights).to_pandas()
    # What words or random starts tell apart need not be equal.
    if len(found) == TOP_N and found["score"].nunique() == 1:
        assert found["product_index"].tolist() == list(range(1, 1 + TOP_N))


def test_order_of_rows_does_not_matter(recommend, interactions_of):
    for name in ("customer with everything", "huge and tiny weights"):
        table = interactions_of(MATRICES[name])
        order = np.random.default_rng(3).permutation(table.num_rows)
        straight = recommend(table, MATRICES[name])
        assert recommend(table.take(order), MATRICES[name]).equals(straight)


def test_same_result_on_one_thread_on_two_and_again(recommend, interactions_of):
    weights = MATRICES["product of everybody"]
    table = interactions_of(weights)
    first = recommend(table, weights)
    for threads in (1, 2, 2):
        with threadpool_limits(threads):
            assert recommend(table, weights).equals(first)


def test_targets_get_what_they_would_get_among_all(recommend, interactions_of):
    weights = MATRICES["product of everybody"]
    table = interactions_of(weights)
    targets = pa.table({"customer_index": [3, 17, 999]})
    everybody = recommend(table, weights).to_pandas()
    expected = everybody[everybody["customer_index"].isin([3, 17])]
    found = recommend(table, weights, targets).to_pandas()
    assert found.equals(expected.reset_index(drop=True))
    nobody = recommend(table, weights, targets.slice(2))
    assert nobody.equals(RECOMMENDATIONS_SCHEMA.empty_table())


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize(
    "matrix", ["customer with everything", "two halves without a link", "one product"]
)
def test_customers_by_themselves_get_what_they_would_get_among_all(
    interactions_of, name, matrix
):
    weights = MATRICES[matrix]
    is_owned = np.random.default_rng(4).random(weights.shape) < 0.6
    table, module = interactions_of(weights, is_owned), MODULES[name]
    tables, items = other_tables(name, weights), user_items(table)
    accepted = inspect.signature(module.fit).parameters
    usual = inspect.signature(module.recommend).parameters.values()
    options = {parameter.name: parameter.default for parameter in usual}
    options |= SMALL | tables | {"items": items}
    model = module.fit(**{key: x for key, x in options.items() if key in accepted})
    expected = module.suggest(items, model, top_n=TOP_N)
    group = table["customer_index"].to_numpy() % 3
    parts = [table.filter(pa.array(group == part)) for part in range(3)]
    found = [module.suggest(user_items(part), model, top_n=TOP_N) for part in parts]
    order = [("customer_index", "ascending"), ("recommendation_rank", "ascending")]
    assert pa.concat_tables(found).sort_by(order).equals(expected)


def test_top_n_below_1_is_refused(recommend, interactions_of):
    with pytest.raises(ValueError, match=r"top_n == 0, must be >= 1\."):
        recommend(interactions_of(np.eye(3)), np.eye(3), top_n=0)
