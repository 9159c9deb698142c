import numpy as np
import pyarrow as pa
import pytest

from mercato.recommenders.evaluation import METRICS, Hits, hits


def lists(*rows):
    names = ["customer_index", "product_index", "recommendation_rank"]
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(dict(zip(names, map(pa.array, columns), strict=True)))


def wanted(*pairs):
    customers, products = zip(*pairs, strict=True) if pairs else ((), ())
    return pa.table(
        {
            "customer_index": pa.array(customers, pa.int64()),
            "product_index": pa.array(products, pa.int64()),
        }
    )


# Customer 4 wants 7, 8 and 9 and finds 8 at rank 2 and 7 at rank 3; customer 5 wants
# what is at rank 4; customer 6 has no list.
FOUND = hits(
    lists((4, 1, 1), (4, 8, 2), (4, 7, 3), (5, 7, 1), (5, 3, 4), (9, 7, 1)),
    wanted((6, 7), (5, 3), (4, 9), (4, 8), (4, 7)),
    k=4,
)


def test_hits_of_three_customers():
    assert FOUND.is_hit.tolist() == [
        [False, True, True, False],
        [False, False, False, True],
        [False] * 4,
    ]
    assert FOUND.relevant_count.tolist() == [3, 1, 1]


@pytest.mark.parametrize(
    ("metric", "k", "expected"),
    [
        ("precision", 3, [2 / 3, 0, 0]),
        ("precision", 4, [2 / 4, 1 / 4, 0]),
        ("recall", 3, [2 / 3, 0, 0]),
        ("f1", 4, [2 * (1 / 2) * (2 / 3) / (1 / 2 + 2 / 3), 2 / 5, 0]),
        ("hit_rate", 3, [1, 0, 0]),
        ("mrr", 4, [1 / 2, 1 / 4, 0]),
        ("map", 4, [(1 / 2 + 2 / 3) / 3, 1 / 4, 0]),
        # 1/log2(3) + 1/log2(4) over 1 + 1/log2(3) + 1/log2(4)
        ("ndcg", 3, [1.130929754 / 2.130929754, 0, 0]),
        ("ndcg", 4, [1.130929754 / 2.130929754, 1 / np.log2(5), 0]),
        # more than the lists are long
        ("precision", 10, [2 / 10, 1 / 10, 0]),
        ("ndcg", 10, [1.130929754 / 2.130929754, 1 / np.log2(5), 0]),
    ],
)
def test_metrics_by_hand(metric, k, expected):
    assert METRICS[metric](FOUND, k).tolist() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_perfect_lists_score_one(metric):
    found = hits(
        lists(*((c, p, p + 1) for c in range(3) for p in range(5))),
        wanted(*((c, p) for c in range(3) for p in range(5))),
        k=5,
    )
    assert METRICS[metric](found, 5).tolist() == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("metric", METRICS)
def test_nobody_wants_anything(metric):
    found = hits(lists((1, 2, 1)), wanted(), k=3)
    assert METRICS[metric](found, 3).tolist() == []


def test_the_order_of_rows_does_not_matter():
    chance = np.random.default_rng(3)
    pairs = np.unique(chance.integers(0, 40, (300, 2)), axis=0)
    rows = [
        (c, p, r + 1)
        for c in range(40)
        for r, p in enumerate(chance.permutation(40)[:9])
    ]
    first = hits(lists(*rows), wanted(*map(tuple, pairs.tolist())), k=9)
    chance.shuffle(rows)
    chance.shuffle(pairs)
    second = hits(lists(*rows), wanted(*map(tuple, pairs.tolist())), k=9)
    assert (first.is_hit == second.is_hit).all()
    assert (first.relevant_count == second.relevant_count).all()


def test_cutoff_has_to_be_positive():
    with pytest.raises(ValueError, match="k == 0, must be >= 1"):
        hits(lists((1, 2, 1)), wanted((1, 2)), k=0)


def test_metrics_take_plain_arrays():
    found = Hits(np.array([[True, False]]), np.array([2]))
    assert METRICS["recall"](found, 1).tolist() == [0.5]
