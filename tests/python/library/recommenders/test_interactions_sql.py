"""What is learned from sums in SQL, against what is learned from the matrix."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from mercato import similarity_sql
from mercato.recommenders import ease, item_knn, svd
from mercato.recommenders.gram import gram_of, gram_of_pairs
from mercato.recommenders.interactions import WEIGHTINGS, user_items
from mercato.recommenders.interactions_sql import (
    WEIGHTS,
    entries_query,
    gram_query,
    sample_query,
)

ORDER = [("customer_index", "ascending"), ("product_index", "ascending")]


@pytest.fixture
def table(interactions_of, random_weights):
    is_owned = np.random.default_rng(5).random((60, 40)) < 0.7
    return interactions_of(random_weights(1) / 4, is_owned)


@pytest.fixture
def session(table):
    with duckdb.connect() as session:
        yield session.register("interactions", table)


@pytest.fixture
def gram(session):
    """Give the way to sum up what products share."""

    def gram(weighting="log", max_products=5000):
        query = gram_query("interactions", weighting, max_products)
        return gram_of_pairs(session.sql(query).to_arrow_table())

    return gram


def assert_alike(found, expected):
    assert found.drop_columns("score").equals(expected.drop_columns("score"))
    scores = expected["score"].to_numpy()
    np.testing.assert_allclose(found["score"].to_numpy(), scores, atol=2e-6)


def test_hand_computed_sums():
    # Customer 0 has 1 of product 3 and 2 of 7, customer 1 has 3 of 7.
    rows = {"customer_index": [0, 1, 0], "product_index": [3, 7, 7]}
    interactions = pa.table(rows | {"weight": [1.0, 3.0, 2.0]})
    with duckdb.connect() as session:
        session.register("interactions", interactions)
        found = session.sql(gram_query("interactions", "linear", 10)).fetchall()
    assert sorted(found) == [(3, 3, 1.0), (3, 7, 2.0), (7, 7, 13.0)]


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_sums_are_those_of_the_matrix(table, gram, weighting):
    items = user_items(table, weighting=weighting)
    found = gram(weighting)
    assert found.products.tolist() == items.products.tolist()
    np.testing.assert_allclose(found.sums, gram_of(items.weights), atol=1e-12)


def test_each_weighting_is_known_to_sql():
    assert WEIGHTS.keys() == WEIGHTINGS.keys()


@pytest.mark.parametrize("weighting", ["log", "binary"])
def test_singular_vectors_from_sums_suggest_the_same(table, gram, weighting):
    items = user_items(table, weighting=weighting)
    options = {"seed": 1, "factors": 8, "product_scaling": 0.6}
    model = svd.fit_gram(gram(weighting), **options)
    found = svd.suggest(items, model, top_n=5)
    assert_alike(found, svd.recommend(items, top_n=5, **options))


def test_singular_vectors_by_iteration_are_those_at_once(monkeypatch, gram):
    options = {"seed": 1, "factors": 6, "product_scaling": 0.6}
    at_once = svd.fit_gram(gram(), **options)
    monkeypatch.setattr(svd, "DENSE_SIDE", 0)
    by_iteration = svd.fit_gram(gram(), **options)
    np.testing.assert_allclose(by_iteration.factors, at_once.factors, atol=1e-8)


@pytest.mark.parametrize("max_products", [5000, 17, 1])
def test_linear_models_from_sums_suggest_the_same(table, gram, max_products):
    items = user_items(table)
    model = ease.fit_gram(gram(max_products=max_products), l2=20.0)
    found = ease.suggest(items, model, top_n=5)
    expected = ease.recommend(items, top_n=5, l2=20.0, max_products=max_products)
    assert_alike(found, expected)


@pytest.mark.parametrize("shrinkage", [0.0, 10.0])
@pytest.mark.parametrize("max_pairs", [10**9, 2000])
def test_item_neighbours_from_pairs_suggest_the_same(
    table, session, shrinkage, max_pairs
):
    items = user_items(table)
    session.sql(entries_query("interactions", "log")).create_view("entries")
    pairs = similarity_sql.neighbours(
        session,
        "entries",
        top_k=6,
        shrinkage={"cosine": shrinkage},
        max_pairs=max_pairs,
        max_counted_pairs=max_pairs,
        above=0,
    )
    model = item_knn.of_pairs(pairs.to_arrow_table())
    found = item_knn.suggest(items, model, top_n=5)
    expected = item_knn.recommend(
        items, top_n=5, neighbours=6, shrinkage=shrinkage, max_pairs=max_pairs
    )
    assert_alike(found, expected)


def test_sample_is_of_whole_customers_and_the_same_again(table, session):
    query = sample_query("interactions", 20)
    found = session.sql(query).to_arrow_table().sort_by(ORDER)
    drawn = found["customer_index"].unique()
    assert len(drawn) == 20
    is_drawn = np.isin(table["customer_index"].to_numpy(), drawn.to_numpy())
    assert found.equals(table.filter(pa.array(is_drawn)).sort_by(ORDER))
    assert found.equals(session.sql(query).to_arrow_table().sort_by(ORDER))
    everybody = session.sql(sample_query("interactions", 1000)).to_arrow_table()
    assert everybody.num_rows == table.num_rows


def test_nobody_has_nothing_in_common(session):
    session.sql("select * from interactions where false").create_view("nothing")
    rows = session.sql(gram_query("nothing", "log", 10)).to_arrow_table()
    gram = gram_of_pairs(rows)
    assert gram.sums.shape == (0, 0)
    assert ease.fit_gram(gram, l2=1.0).weights.shape == (0, 0)
    options = {"seed": 1, "factors": 2, "product_scaling": 1.0}
    assert svd.fit_gram(gram, **options).factors.shape == (0, 0)
