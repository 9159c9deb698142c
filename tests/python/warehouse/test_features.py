"""Features in SQL agree with independent implementations on the bundled sample."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler


def test_tfidf_is_that_of_scikit_learn(warehouse):
    products, texts = zip(
        *warehouse.sql(
            "select product_id, product_text from feat_product__text "
            "where product_text <> '' order by product_id"
        ).fetchall(),
        strict=True,
    )
    vectorizer = TfidfVectorizer(lowercase=False, token_pattern=r"\S+")
    expected = vectorizer.fit_transform(texts)

    found = warehouse.sql(
        "select product_id, term, tfidf_weight from feat_product_term__tfidf"
    ).fetchnumpy()
    assert len(found["term"]) == expected.nnz > 1000
    row = {product: place for place, product in enumerate(products)}
    rows = [row[product] for product in found["product_id"]]
    columns = [vectorizer.vocabulary_[term] for term in found["term"]]
    np.testing.assert_allclose(
        found["tfidf_weight"], np.asarray(expected[rows, columns]).ravel(), atol=2e-6
    )


def test_rfm_is_scaled_as_by_scikit_learn(warehouse):
    found = warehouse.sql(
        """
        select
            recency_days, frequency,
            greatest(cast(monetary_amount as double), 0) as monetary,
            recency_z, frequency_z, monetary_z
        from feat_customer__rfm
        inner join feat_customer__rfm_scaled using (customer_id)
        """
    ).fetchnumpy()
    measures = [found[name] for name in ("recency_days", "frequency", "monetary")]
    assert len(measures[0]) > 100
    expected = StandardScaler().fit_transform(np.log1p(np.column_stack(measures)))
    scaled = [found[f"{name}_z"] for name in ("recency", "frequency", "monetary")]
    np.testing.assert_allclose(np.column_stack(scaled), expected, atol=5e-6)


@pytest.mark.parametrize(
    ("measure", "column"),
    [
        ("recency", "recency_days"),
        ("frequency", "frequency"),
        ("monetary", "monetary_amount"),
    ],
)
def test_thresholds_are_the_quintiles_of_numpy(warehouse, measure, column):
    values = warehouse.sql(
        f"select cast({column} as double) as measured from feat_customer__rfm"
    ).fetchnumpy()["measured"]
    bounds = warehouse.sql(
        f"select upper_bound from feat_rfm__thresholds where measure = '{measure}' "
        "and upper_bound is not null order by upper_bound"
    ).fetchnumpy()["upper_bound"]
    np.testing.assert_allclose(bounds, np.quantile(values, [0.2, 0.4, 0.6, 0.8]))


def indices(warehouse, entity, table):
    return warehouse.sql(
        f"select distinct {entity}_index from {table} order by all"
    ).fetchnumpy()[f"{entity}_index"]


@pytest.mark.parametrize("entity", ["customer", "product"])
def test_indices_have_no_gaps(warehouse, entity):
    indexed = indices(warehouse, entity, f"feat_{entity}__index")
    np.testing.assert_array_equal(indexed, np.arange(len(indexed)))


def test_every_indexed_customer_has_interactions(warehouse):
    used = indices(warehouse, "customer", "feat_customer_product__interactions")
    np.testing.assert_array_equal(
        used, indices(warehouse, "customer", "feat_customer__index")
    )


def test_products_of_nobody_are_indexed_too(warehouse):
    used = indices(warehouse, "product", "feat_customer_product__interactions")
    indexed = indices(warehouse, "product", "feat_product__index")
    assert set(used) < set(indexed)
    products = "select count(*) from products where product_kind = 'product'"
    assert warehouse.sql(products).fetchall() == [(len(indexed),)]
