"""What the lists of the sample are like, computed again with NumPy, pair by pair."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest

K = 10


@pytest.fixture(scope="module")
def claimed(warehouse):
    """Return metric values and customer counts by model, window and metric."""
    return {
        row[:3]: row[3:]
        for row in warehouse.sql(
            "select model_name, window_name, metric_name, metric_value, customer_count"
            " from recommendation_list_metrics"
        ).fetchall()
    }


@pytest.fixture(scope="module")
def shown(warehouse):
    """Return each judge's first K products, by model and window."""
    found = defaultdict(lambda: defaultdict(list))
    for model, window, customer, product in warehouse.sql(
        "select model_name, window_name, customer_index, product_index"
        f" from recommendation_candidates where recommendation_rank <= {K}"
    ).fetchall():
        found[model, window][customer].append(product)
    return found


@pytest.fixture(scope="module")
def wanted(warehouse):
    """Return who showed interest in what, by window."""
    found = defaultdict(lambda: defaultdict(set))
    for window, customer, product in warehouse.sql(
        "select window_name, customer_index, product_index"
        " from feat_customer_product__interactions where window_name <> 'serving'"
    ).fetchall():
        found[window][customer].add(product)
    return found


@pytest.fixture(scope="module")
def shares(wanted):
    """Return the share of known customers who wanted each product, by window."""
    found = defaultdict(lambda: defaultdict(float))
    for window, customers in wanted.items():
        for products in customers.values():
            for product in products:
                found[window][product] += 1 / len(customers)
    return found


@pytest.fixture(scope="module")
def catalogues(warehouse):
    found = defaultdict(set)
    for window, product in warehouse.sql(
        "select window_name, product_index from feat_window_product__catalogue"
    ).fetchall():
        found[window].add(product)
    return found


@pytest.fixture(scope="module")
def vectors(warehouse):
    """Return the tf-idf weight of each word of each product."""
    found = defaultdict(dict)
    for product, term, weight in warehouse.sql(
        "select distinct product_index, term, tfidf_weight"
        " from feat_window_product__terms where window_name <> 'serving'"
    ).fetchall():
        found[product][term] = weight
    return found


def mean_of_lists(lists, of_product):
    return np.mean([np.mean([of_product(p) for p in one]) for one in lists.values()])


def check(claimed, shown, metric, expected, tolerance=1e-7):
    assert len(shown) > 20
    for model, window in shown:
        value, _ = claimed[model, window, metric]
        assert value == pytest.approx(expected(model, window), abs=tolerance)


def test_coverage_counts_the_products_of_all_lists(claimed, shown, catalogues):
    def coverage(model, window):
        products = {p for one in shown[model, window].values() for p in one}
        assert products <= catalogues[window]
        return len(products) / len(catalogues[window])

    check(claimed, shown, "catalogue_coverage", coverage)


def test_novelty_is_the_mean_self_information(claimed, shown, wanted, shares):
    def novelty(model, window):
        of_one = 1 / len(wanted[window])
        return mean_of_lists(
            shown[model, window],
            lambda product: -np.log2(max(shares[window][product], of_one)),
        )

    check(claimed, shown, "novelty", novelty)


def test_popularity_is_compared_with_what_the_judges_wanted(
    claimed, shown, wanted, shares
):
    def popularity(model, window):
        return mean_of_lists(shown[model, window], lambda p: shares[window][p])

    def lift(model, window):
        before = {
            customer: wanted[window][customer] for customer in shown[model, window]
        }
        profile = mean_of_lists(before, lambda product: shares[window][product])
        return popularity(model, window) / profile - 1

    check(claimed, shown, "average_popularity", popularity)
    check(claimed, shown, "popularity_lift", lift, tolerance=1e-5)


def test_the_head_is_the_most_popular_tenth(claimed, shown, shares, catalogues):
    def head_share(model, window):
        ranked = sorted(
            catalogues[window], key=lambda p: (-round(shares[window][p], 9), p)
        )
        head = set(ranked[: -(-len(ranked) // 10)])
        return mean_of_lists(shown[model, window], head.__contains__)

    check(claimed, shown, "head_share", head_share)


def test_diversity_is_that_of_all_pairs(claimed, shown, vectors):
    def cosine(one, other):
        return sum(weight * other.get(term, 0) for term, weight in one.items())

    def diversity(model, window):
        values = []
        for products in shown[model, window].values():
            texts = [vectors[p] for p in products if p in vectors]
            cosines = [cosine(*pair) for pair in combinations(texts, 2)]
            if cosines:
                values.append(1 - np.mean(cosines))
        assert claimed[model, window, "diversity"][1] == len(values)
        return np.mean(values)

    check(claimed, shown, "diversity", diversity)


def test_full_lists_are_counted(claimed, shown):
    for model, window in shown:
        lengths = [len(one) for one in shown[model, window].values()]
        value, customer_count = claimed[model, window, "full_list_count"]
        assert (value, customer_count) == (lengths.count(K), len(lengths))
