import math

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from mercato.recommenders.content import recommend
from mercato.recommenders.interactions import user_items


def items_of(*rows, targets=None):
    """Lay out rows of customer, product and weight, all owned."""
    names = ("customer_index", "product_index", "weight")
    table = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    table["is_owned"] = [True] * len(rows)
    return user_items(pa.table(table), targets, weighting="linear")


def terms_of(*rows):
    """Tabulate rows of product, term and weight."""
    schema = [("product_index", pa.int64()), ("term", pa.string())]
    schema = pa.schema([*schema, ("tfidf_weight", pa.float64())])
    names = schema.names
    return pa.Table.from_pylist(
        [dict(zip(names, row, strict=True)) for row in rows], schema=schema
    )


def as_tuples(table):
    names = ("customer_index", "product_index", "score")
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def test_hand_computed_cosine():
    # The profile is 2 (1, 0) + 1 (0.6, 0.8) = (2.6, 0.8), of length sqrt(7.4).
    terms = terms_of((0, "red", 5.0), (1, "red", 3.0), (1, "mug", 4.0), (2, "mug", 9.0))
    found = recommend(items_of((7, 0, 2.0), (7, 1, 1.0)), top_n=5, terms=terms)
    expected = round(0.8 / math.sqrt(7.4), 6)
    assert as_tuples(found) == [(7, 2, expected)]


def test_random_words_match_dense_cosines():
    rng = np.random.default_rng(1)
    weights = rng.integers(1, 9, (30, 20)) * (rng.random((30, 20)) < 0.2)
    words = rng.random((40, 15)) * (rng.random((40, 15)) < 0.3)
    terms = terms_of(
        *((int(p), f"word {t}", words[p, t]) for p, t in np.argwhere(words))
    )
    items = items_of(
        *((int(c), int(p), float(weights[c, p])) for c, p in np.argwhere(weights))
    )
    found = recommend(items, top_n=6, terms=terms)

    lengths = np.linalg.norm(words, axis=1, keepdims=True)
    units = words / np.where(lengths > 0, lengths, 1)
    scores = np.round(cosine_similarity(weights @ units[:20], units), 6)
    scores[:, :20][weights > 0] = 0
    expected = [
        (customer, int(product), scores[customer, product])
        for customer in range(30)
        for product in np.lexsort((np.arange(40), -scores[customer]))[:6]
        if scores[customer, product] > 0
    ]
    assert [row[:2] for row in as_tuples(found)] == [row[:2] for row in expected]
    assert found["score"].to_pylist() == pytest.approx([row[2] for row in expected])
    # Products from 20 on have no buyer.
    assert max(found["product_index"].to_pylist()) >= 20


def test_products_without_words_are_neither_evidence_nor_recommended():
    items = items_of((1, 0, 1.0), (2, 5, 1.0))
    terms = terms_of((0, "mug", 1.0), (3, "mug", 2.0), (4, "mug", 0.0))
    found = recommend(items, top_n=5, terms=terms)
    assert as_tuples(found) == [(1, 3, 1.0)]


@pytest.mark.parametrize(
    ("shared", "other"),
    [
        ("чашка", "чайник"),
        ("茶杯", "茶壶"),
        ("كوب", "إبريق"),
        ("कप", "केतली"),
        ("ถ้วย", "กาน้ำ"),
        ("☕", "🫖"),
    ],
    ids=["Cyrillic", "Chinese", "Arabic", "Devanagari", "Thai", "symbols"],
)
def test_words_of_any_script(shared, other):
    terms = terms_of((0, shared, 1.0), (1, other, 1.0), (2, shared, 3.0))
    found = recommend(items_of((1, 0, 1.0)), top_n=5, terms=terms)
    assert as_tuples(found) == [(1, 2, 1.0)]


def test_equal_words_rank_by_index():
    terms = terms_of(*((product, "mug", 1.0 + product) for product in range(30)))
    found = recommend(items_of((1, 4, 1.0)), top_n=5, terms=terms)
    assert found["product_index"].to_pylist() == [0, 1, 2, 3, 5]


def test_the_order_of_terms_does_not_matter():
    rng = np.random.default_rng(2)
    rows = [(p, f"word {t}", rng.random()) for p in range(20) for t in range(p % 7)]
    items = items_of(
        *((int(c), int(p), 1.0) for c, p in np.argwhere(rng.random((9, 20)) < 0.2))
    )
    straight = recommend(items, top_n=9, terms=terms_of(*rows))
    rng.shuffle(rows)
    assert recommend(items, top_n=9, terms=terms_of(*rows)).equals(straight)


def test_extreme_weights_neither_overflow_nor_vanish():
    terms = terms_of((0, "mug", 1e300), (0, "red", 1e300), (1, "mug", 1e-300))
    found = recommend(items_of((1, 0, 1e12), (2, 1, 1e-6)), top_n=5, terms=terms)
    half = round(math.sqrt(0.5), 6)
    assert as_tuples(found) == [(1, 1, half), (2, 0, half)]


def test_no_words_give_no_rows():
    assert recommend(items_of((1, 0, 1.0)), top_n=5, terms=terms_of()).num_rows == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((1, "mug", -1.0), r"tfidf_weight == -1\.0 \(product_index 1, term 'mug'\)"),
        ((1, "mug", math.nan), "tfidf_weight == nan"),
        ((1, "mug", math.inf), "tfidf_weight == inf"),
        ((1, "mug", None), "tfidf_weight has 1 nulls, must be 0"),
        ((1, None, 1.0), "term has 1 nulls, must be 0"),
        ((-1, "mug", 1.0), "product_index == -1"),
        ((0, "red", 1.0), r"term == 'red' \(product_index 0, .* must be there once"),
    ],
)
def test_bad_terms_name_value_and_bound(row, message):
    terms = terms_of((0, "red", 1.0), row)
    with pytest.raises(ValueError, match=message):
        recommend(items_of((1, 0, 1.0)), top_n=5, terms=terms)


def test_top_n_has_to_be_positive():
    with pytest.raises(ValueError, match=r"top_n == 0, must be >= 1\."):
        recommend(items_of((1, 0, 1.0)), top_n=0, terms=terms_of((0, "red", 1.0)))
