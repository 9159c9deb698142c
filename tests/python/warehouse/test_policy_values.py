"""What recommenders would have earned, against plain loops over what was shown."""

import hashlib
from collections import defaultdict
from datetime import timedelta

import pytest

WEEK = timedelta(days=7)
NAMES = "ewrvs"
PRIOR_EXPOSURES = 20
LIST_LENGTH = 10


@pytest.fixture(scope="module")
def shown(warehouse):
    """Customer, product, propensity and reward of what judges were shown."""
    responded = defaultdict(list)
    for customer, product, at in warehouse.sql(
        """
        select customer_id, product_id, occurred_at from events
        where event_type in ('add_to_cart', 'purchase') and product_id is not null
        union all
        select customer_id, product_id, ordered_at from order_lines
        where not is_cancellation
        """
    ).fetchall():
        responded[customer, product].append(at)
    bought = defaultdict(set)
    for customer, product in warehouse.sql(
        """
        select customer_id, product_id
        from feat_customer_product__holdout
        inner join feat_window_customer__targets using (window_name, customer_index)
        inner join feat_customer__index using (customer_index)
        inner join feat_product__index using (product_index)
        where window_name = 'test'
        """
    ).fetchall():
        bought[customer].add(product)
    [(start, end)] = warehouse.sql(
        "select train_until, test_until from feat_window__splits "
        "where window_name = 'test'"
    ).fetchall()
    return [
        (
            customer,
            product,
            propensity,
            any(at <= moment < at + WEEK for moment in responded[customer, product]),
        )
        for customer, product, propensity, at in warehouse.sql(
            "select customer_id, product_id, propensity, shown_at "
            "from recommendation_exposures"
        ).fetchall()
        if start <= at <= end - WEEK and bought[customer] - {product}
    ]


@pytest.fixture(scope="module")
def lists(warehouse):
    """Return the first products of each recommender's list for each customer."""
    found = defaultdict(set)
    for recommender, customer, product in warehouse.sql(
        f"""
        select model_name, customer_id, product_id
        from recommendation_candidates
        inner join feat_customer__index using (customer_index)
        inner join feat_product__index using (product_index)
        where window_name = 'test' and recommendation_rank <= {LIST_LENGTH}
        """
    ).fetchall():
        found[recommender, customer].add(product)
    return found


@pytest.fixture(scope="module")
def guess(shown):
    """Give the way to guess a reward from the customers of the other half."""

    def half(customer):
        return hashlib.md5(customer.encode()).hexdigest() < "8"

    def guess(customer, product):
        others = [row for row in shown if half(row[0]) != half(customer)]
        same = [row[3] for row in others if row[1] == product]
        average = sum(row[3] for row in others) / len(others)
        return (sum(same) + PRIOR_EXPOSURES * average) / (len(same) + PRIOR_EXPOSURES)

    known = {}

    def remembered(customer, product):
        key = half(customer), product
        if key not in known:
            known[key] = guess(customer, product)
        return known[key]

    return remembered


def test_sums_are_those_of_plain_loops(warehouse, shown, lists, guess):
    relation = warehouse.sql("from recommender_policy_rewards")
    rows = [
        dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()
    ]
    assert len(rows) > 10
    assert len(shown) > 1000
    ever_shown = {product for _, product, _, _ in shown}
    for row in rows:
        totals = defaultdict(lambda: dict.fromkeys(NAMES, 0.0))
        weights, coverage = [], 0.0
        for customer, product, propensity, reward in shown:
            of = lists.get((row["policy_name"], customer), set())
            weight = (product in of) / len(of) / propensity if of else 0.0
            expected = sum(guess(customer, other) for other in of) / len(of or [0])
            coverage += len(of & ever_shown) / len(of or [0])
            weights.append(weight)
            total = totals[customer]
            total["e"] += 1
            total["w"] += weight
            total["r"] += reward
            total["v"] += weight * reward
            total["s"] += expected + weight * (reward - guess(customer, product))
        assert row["unit_count"] == len(totals)
        assert row["largest_weight"] == pytest.approx(max(weights), abs=1e-6)
        squares = sum(weight**2 for weight in weights)
        assert row["weight_square_sum"] == pytest.approx(squares, abs=1e-3)
        assert row["coverage_sum"] == pytest.approx(coverage, abs=1e-3)
        for first in NAMES:
            of_first = sum(total[first] for total in totals.values())
            assert row[f"sum_{first}"] == pytest.approx(of_first, abs=1e-3)
            for second in NAMES[NAMES.index(first) :]:
                product = sum(total[first] * total[second] for total in totals.values())
                found = row[f"sum_{first}{second}"]
                assert found == pytest.approx(product, abs=0.1, rel=1e-5)


def test_propensities_are_right_on_average(warehouse):
    # A policy shows what could be shown at random about as often as is covered.
    rows = warehouse.sql(
        """
        select policy_name, coverage, mean_weight, effective_sample_size
        from py_recommender_policy_values
        where estimator = 'ips' and coverage > 0.2
        """
    ).fetchall()
    assert rows
    for _, coverage, mean_weight, size in rows:
        assert mean_weight == pytest.approx(coverage, abs=4 * coverage / size**0.5)


def test_some_recommenders_can_be_valued_and_some_cannot(warehouse):
    counts = dict(
        warehouse.sql(
            "select status, count(*) from recommendation_policy_values group by status"
        ).fetchall()
    )
    assert {"ok", "partial overlap", "too few units"} <= counts.keys()
    assert (
        warehouse.sql(
            """
        from recommendation_policy_values
        where (value is null) <> (
            status <> 'ok' and not (status = 'partial overlap' and estimator = 'snips')
        )
        """
        ).fetchall()
        == []
    )
