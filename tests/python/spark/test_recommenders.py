"""Recommendations that Spark makes where interactions are too many for one process."""

import json
from importlib.util import find_spec

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from mercato import engine
from mercato.recommenders import svd, windows
from mercato.recommenders.interactions import user_items
from mercato.recommenders.interactions_sql import sample_query

CUSTOMERS, PRODUCTS, TASTES = 400, 60, 5
# Fewer than there are interactions; more than pairs of products, or rows of a sample.
MAX_ROWS = 2000
PARAMETERS = {
    "als": {"factors": 8, "iterations": 10},
    "association": {},
    "content": {},
    "ease": {"l2": 20.0, "weighting": "binary"},
    "item_knn": {"neighbours": 20},
    "nmf": {"factors": 8, "weighting": "binary"},
    "svd": {"factors": 8, "product_scaling": 0.6},
    "user_knn": {"neighbours": 30, "shrinkage": 5.0},
}
if find_spec("torch"):
    PARAMETERS["vae"] = {"epochs": 20, "latent": 8}
# Of the ten products that each gets where all customers are learned from, the share
# that comes again where 150 of the 400 are.
LEAST_OVERLAP = {"als": 0.7, "nmf": 0.7, "user_knn": 0.75, "vae": 0.45}


def interactions_of_tastes():
    """Draw what customers of five tastes did, mostly with products of their own."""
    rng = np.random.default_rng(1)
    taste_of = [np.arange(count) % TASTES for count in (CUSTOMERS, PRODUCTS)]
    chance = np.where(np.equal.outer(*taste_of), 0.5, 0.05)
    customers, products = np.nonzero(rng.random((CUSTOMERS, PRODUCTS)) < chance)
    return pa.table(
        {
            "window_name": ["serving"] * len(customers),
            "customer_index": customers,
            "product_index": products,
            "weight": rng.integers(1, 9, len(customers)) / 2,
            "is_owned": rng.random(len(customers)) < 0.7,
        }
    )


def words():
    """Give each product a word of its taste and one that other tastes have."""
    products = np.repeat(np.arange(PRODUCTS), 2)
    words = [[f"taste {n % TASTES}", f"other {n % 7}"] for n in range(PRODUCTS)]
    columns = {"product_index": products, "term": np.concatenate(words)}
    return columns | {"tfidf_weight": 1.0 + products % 3}


def baskets():
    """Pair the products of one taste."""
    first, second = np.nonzero(
        np.equal.outer(*[np.arange(PRODUCTS) % TASTES] * 2)
        & ~np.eye(PRODUCTS, dtype=bool)
    )
    counts = {"product_basket_count": 40, "other_basket_count": 50}
    columns = {"product_index": first, "other_product_index": second}
    columns |= {"basket_count": 3 + (first + second) % 9}
    counts |= {"all_basket_count": 900}
    return columns | {name: np.full(len(first), n) for name, n in counts.items()}


def of_serving(columns):
    labels = ["serving"] * len(columns["product_index"])
    return pa.table({"window_name": labels} | columns)


@pytest.fixture(scope="module")
def tables(spark):
    """Give the relations that a window is served from."""
    interactions = interactions_of_tastes()
    other = interactions.set_column(
        0, "window_name", pa.repeat("test", len(interactions))
    )
    targets = {
        "window_name": ["serving"] * CUSTOMERS,
        "customer_index": range(CUSTOMERS),
    }
    return {
        name: spark.createDataFrame(table)
        for name, table in {
            "interactions": pa.concat_tables([interactions, other]),
            "targets": pa.table(targets),
            "terms": of_serving(words()),
            "pairs": of_serving(baskets()),
        }.items()
    }


def served(tables, names):
    recommenders = pa.table(
        {
            "model_name": list(names),
            "parameters": [
                json.dumps(PARAMETERS[name] | {"seed": 1}) for name in names
            ],
        }
    )
    return windows.served(recommenders, **tables, top_n=10, max_learning_customers=150)


@pytest.fixture(scope="module")
def expected(tables):
    return served(tables, PARAMETERS)


@pytest.fixture
def found(monkeypatch, tables, at_most):
    """Give the way to serve what is too large, sorted as what is not."""
    monkeypatch.setattr("mercato.recommenders.large.BLOCK_CUSTOMERS", 70)

    def found(*names):
        with at_most(MAX_ROWS):
            frame = served(tables, names)
            assert not isinstance(frame, pa.Table)
        keys = ("model_name", "customer_index", "recommendation_rank")
        return engine.to_arrow(frame).sort_by([(key, "ascending") for key in keys])

    return found


def of_model(table, name):
    return table.filter(pa.compute.equal(table["model_name"], name))


def assert_alike(large, small):
    assert large.schema.types == small.schema.types
    # Spark knows which columns have no nulls.
    large = large.cast(small.schema)
    assert large.drop_columns("score").equals(small.drop_columns("score"))
    scores = small["score"].to_numpy()
    np.testing.assert_allclose(large["score"].to_numpy(), scores, atol=2e-6)


def test_what_sums_and_tables_teach_is_the_same(found, expected):
    names = ("association", "content", "ease", "item_knn", "svd")
    small = pa.concat_tables([of_model(expected, name) for name in names])
    assert_alike(found(*names), small)


def test_too_many_products_are_learned_from_a_sample(monkeypatch, found):
    monkeypatch.setattr("mercato.recommenders.large.MAX_PRODUCTS", PRODUCTS - 1)
    interactions = interactions_of_tastes()
    with duckdb.connect() as session:
        session.register("interactions", interactions)
        sample = session.sql(sample_query("interactions", 150)).to_arrow_table()
    model = svd.fit(user_items(sample), seed=1, **PARAMETERS["svd"])
    small = svd.suggest(user_items(interactions), model, top_n=10)
    assert_alike(found("svd").drop_columns("model_name"), small)


@pytest.mark.parametrize("name", sorted(LEAST_OVERLAP.keys() & PARAMETERS.keys()))
def test_what_a_sample_teaches_is_alike(found, expected, name):
    large, small = (
        {
            customer: set(rows["product_index"])
            for customer, rows in table.to_pandas().groupby("customer_index")
        }
        for table in (found(name), of_model(expected, name))
    )
    assert large.keys() == small.keys()
    shares = [len(large[key] & small[key]) / len(small[key]) for key in small]
    assert np.mean(shares) >= LEAST_OVERLAP[name]


def test_who_is_not_asked_gets_nothing(tables, at_most):
    some = tables["targets"].filter("customer_index < 350")
    with at_most(MAX_ROWS):
        frame = served(tables | {"targets": some}, ["svd"])
    assert frame.selectExpr("max(customer_index)").first()[0] == 349


def test_too_many_pairs_of_products_are_refused(tables, at_most):
    with (
        at_most(1000),
        pytest.raises(ValueError, match=r"row_count == 18\d\d, must be"),
    ):
        served(tables, ["svd"])
