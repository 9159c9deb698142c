import itertools
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from mercato.recommenders.association import PAIRS_SCHEMA, recommend
from mercato.recommenders.interactions import user_items

# Bread and butter go together, milk is in every basket, salt in one.
BREAD, BUTTER, MILK, SALT = range(4)
BASKETS = [
    {BREAD, BUTTER, MILK},
    {BREAD, BUTTER, MILK},
    {BREAD, MILK, SALT},
    {MILK},
    {BUTTER, MILK},
]


def pairs_of(baskets):
    """Count the baskets of every ordered pair."""
    alone = Counter(itertools.chain.from_iterable(baskets))
    both = Counter(pair for b in baskets for pair in itertools.permutations(b, 2))
    rows = [
        (a, b, count, alone[a], alone[b], len(baskets))
        for (a, b), count in both.items()
    ]
    columns = zip(*rows, strict=True) if rows else [[]] * 6
    return pa.table([list(map(int, column)) for column in columns], PAIRS_SCHEMA.names)


def items_of(*rows, weighting="linear"):
    """Lay out rows of customer, product and weight, all owned."""
    names = ("customer_index", "product_index", "weight")
    table = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    table["is_owned"] = [True] * len(rows)
    return user_items(pa.table(table), weighting=weighting)


def as_tuples(table):
    names = ("customer_index", "product_index", "score")
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def brute_force(baskets, weights, minimum, top_n):
    """List customer, product and score from the baskets themselves."""
    found = []
    for customer, touched in weights.items():
        scores = {}
        for a, b in itertools.product(touched, set().union(*baskets) - set(touched)):
            with_a = [basket for basket in baskets if a in basket]
            both = sum(b in basket for basket in with_a)
            if both < minimum:
                continue
            confidence = both / len(with_a)
            lift = confidence / (sum(b in basket for basket in baskets) / len(baskets))
            if lift > 1 + 1e-9:
                scores[b] = scores.get(b, 0) + touched[a] * confidence
        ranked = sorted(scores, key=lambda b: (-round(scores[b], 6), b))[:top_n]
        found += [(customer, b, round(scores[b], 6)) for b in ranked]
    return found


def test_hand_computed_rules():
    # Butter is in 2 of 3 baskets with bread and in 3 of 5 of all: lift 10/9. Salt is in
    # 1 of 3 with bread and 1 of 5 of all: lift 5/3. Milk follows always, at lift 1.
    found = recommend(
        items_of((9, BREAD, 1.0)),
        top_n=5,
        pairs=pairs_of(BASKETS),
        minimum_basket_count=1,
    )
    assert as_tuples(found) == [(9, BUTTER, 0.666667), (9, SALT, 0.333333)]


def test_pairs_of_few_baskets_make_no_rule():
    found = recommend(
        items_of((9, BREAD, 1.0)),
        top_n=5,
        pairs=pairs_of(BASKETS),
        minimum_basket_count=2,
    )
    assert as_tuples(found) == [(9, BUTTER, 0.666667)]


@pytest.mark.parametrize("minimum", [1, 3])
@pytest.mark.parametrize("weighting", ["linear", "binary"])
def test_random_baskets_match_brute_force(minimum, weighting):
    rng = np.random.default_rng(1)
    baskets = [
        set(rng.choice(15, rng.integers(1, 6), replace=False).tolist())
        for _ in range(80)
    ]
    weights = {
        customer: dict.fromkeys(sorted(baskets[customer]), 1.0 + customer % 3)
        for customer in range(20)
    }
    rows = [(c, p, weight) for c in weights for p, weight in weights[c].items()]
    found = recommend(
        items_of(*rows, weighting=weighting),
        top_n=4,
        pairs=pairs_of(baskets),
        minimum_basket_count=minimum,
    )
    if weighting == "binary":
        weights = {c: dict.fromkeys(touched, 1.0) for c, touched in weights.items()}
    expected = brute_force(baskets, weights, minimum, 4)
    assert [row[:2] for row in as_tuples(found)] == [row[:2] for row in expected]
    scores = [row[2] for row in expected]
    assert found["score"].to_pylist() == pytest.approx(scores, abs=2e-6)


def test_products_that_only_strangers_bought_may_be_recommended():
    pairs = pairs_of([{3, 8}, {3, 8}, {1}])
    found = recommend(
        items_of((2, 3, 1.0)), top_n=5, pairs=pairs, minimum_basket_count=2
    )
    assert as_tuples(found) == [(2, 8, 1.0)]


def test_the_order_of_pairs_does_not_matter():
    pairs = pairs_of(BASKETS)
    items = items_of((9, BREAD, 1.0), (8, BUTTER, 0.1), (8, SALT, 0.3))
    options = {"top_n": 5, "minimum_basket_count": 1}
    straight = recommend(items, pairs=pairs, **options)
    reverse = pairs.take(np.arange(pairs.num_rows)[::-1])
    assert recommend(items, pairs=reverse, **options).equals(straight)


def test_no_pairs_give_no_rows():
    assert recommend(items_of((1, 0, 1.0)), top_n=5, pairs=pairs_of([])).num_rows == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"product_index": -1}, "product_index == -1 in .*, must be >= 0"),
        ({"other_product_index": -1}, "other_product_index == -1"),
        ({"other_product_index": 4}, "other_product_index == 4 .* another product"),
        ({"other_product_index": 6}, "other_product_index == 6 .* must be unique"),
        ({"basket_count": 0}, "basket_count == 0 in .*, must be >= 1"),
        ({"product_basket_count": 1}, "product_basket_count == 1 .* >= basket_count"),
        ({"other_basket_count": 1}, "other_basket_count == 1 .* >= basket_count"),
        ({"all_basket_count": 3}, "all_basket_count == 3 .* >= baskets of either"),
        ({"basket_count": None}, "basket_count has 1 nulls, must be 0"),
    ],
)
def test_bad_pairs_name_value_and_bound(changes, message):
    good = dict(zip(PAIRS_SCHEMA.names, (4, 5, 2, 3, 3, 9), strict=True))
    rows = [good | {"other_product_index": 6}, good | changes]
    pairs = pa.Table.from_pylist(rows, schema=PAIRS_SCHEMA)
    with pytest.raises(ValueError, match=message):
        recommend(items_of((1, 4, 1.0)), top_n=5, pairs=pairs)


@pytest.mark.parametrize("name", ["top_n", "minimum_basket_count"])
def test_bad_arguments_name_argument_value_and_bound(name):
    options = {"top_n": 5, "pairs": pairs_of(BASKETS)} | {name: 0}
    with pytest.raises(ValueError, match=f"{name} == 0, must be >= 1"):
        recommend(items_of((9, BREAD, 1.0)), **options)
