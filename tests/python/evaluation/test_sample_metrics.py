"""The metrics of the sample, computed again with NumPy from lists and later orders."""

from collections import defaultdict

import numpy as np
import pytest

Z = 1.959964
METRICS = ("precision", "recall", "f1", "ndcg", "map", "mrr", "hit_rate")
CUTOFFS = (5, 10, 20)
SLICES = ("all", "new_customers", "light_customers", "heavy_customers", "new_products")


def of_one_customer(suggested, relevant, k):
    """Return all metrics of a list, in the order of METRICS."""
    is_hit = np.zeros(k)
    is_hit[: len(suggested[:k])] = [product in relevant for product in suggested[:k]]
    hits = is_hit.sum()
    if hits == 0:
        return np.zeros(len(METRICS))
    ranks = np.arange(1, k + 1)
    gains = 1 / np.log2(ranks + 1)
    precision, recall = hits / k, hits / len(relevant)
    return np.array(
        [
            precision,
            recall,
            2 * precision * recall / (precision + recall),
            (gains * is_hit).sum() / gains[: min(k, len(relevant))].sum(),
            (is_hit * is_hit.cumsum() / ranks).sum() / len(relevant),
            1 / (is_hit.argmax() + 1),
            1,
        ]
    )


@pytest.fixture(scope="module")
def lists(warehouse):
    """Each recommender's list for each judge of each window."""
    found = defaultdict(list)
    for model, window, customer, product in warehouse.sql(
        "select model_name, window_name, customer_index, product_index"
        " from recommendation_candidates order by recommendation_rank"
    ).fetchall():
        found[model, window, customer].append(product)
    return found


@pytest.fixture(scope="module")
def relevant(warehouse):
    """What each judge went on to buy, by slice and window."""
    bought = warehouse.sql(
        """
        select
            holdout.window_name,
            customer_index,
            product_index,
            first_seen_at >= train_until - interval '30' day as is_new,
            (
                select count(distinct interaction_date)
                from feat_customer_product__signals as signals
                inner join feat_customer__index as customers using (customer_id)
                where
                    customers.customer_index = holdout.customer_index
                    and interaction_type = 'order'
                    and interaction_date < train_until
            ) as order_day_count
        from feat_customer_product__holdout as holdout
        inner join feat_window_customer__targets using (window_name, customer_index)
        inner join feat_window__splits using (window_name)
        left join feat_window_product__catalogue using (window_name, product_index)
        """
    ).fetchall()
    found = defaultdict(lambda: defaultdict(set))
    for window, customer, product, is_new, order_days in bought:
        known = "new" if order_days < 2 else "light" if order_days < 5 else "heavy"
        slices = ["all", f"{known}_customers"] + ["new_products"] * bool(is_new)
        for slice_name in slices:
            found[slice_name, window][customer].add(product)
    return found


@pytest.fixture(scope="module")
def claimed(warehouse):
    """Return the rows of recommendation_metrics by their key."""
    return {
        row[:5]: row[5:]
        for row in warehouse.sql(
            """
            select
                model_name, window_name, slice_name, metric_name, cutoff,
                customer_count,
                metric_value, metric_lower, metric_upper,
                popularity_difference,
                popularity_difference_lower, popularity_difference_upper
            from recommendation_metrics
            """
        ).fetchall()
    }


@pytest.fixture(scope="module")
def baseline(warehouse):
    return warehouse.sql("from recommendation_baseline").fetchone()[0]


def interval(values):
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    mean = values.mean(axis=0)
    return np.array([mean, mean - Z * error, mean + Z * error])


@pytest.mark.parametrize("window", ["validation", "test"])
@pytest.mark.parametrize("slice_name", SLICES)
def test_metrics_equal_those_of_numpy(
    lists, relevant, claimed, baseline, slice_name, window
):
    wanted = relevant[slice_name, window]
    assert len(wanted) > 1
    models = sorted({model for model, _, _ in lists})
    assert len(models) > 10

    for k in CUTOFFS:
        values = {
            model: np.array(
                [
                    of_one_customer(lists[model, window, customer], wanted[customer], k)
                    for customer in sorted(wanted)
                ]
            )
            for model in models
        }
        for model in models:
            expected = np.concatenate(
                [interval(values[model]), interval(values[model] - values[baseline])]
            )
            for place, metric in enumerate(METRICS):
                found = claimed[model, window, slice_name, metric, k]
                assert found[0] == len(wanted)
                assert found[1:] == pytest.approx(expected[:, place], abs=1e-7)


def test_nothing_else_is_claimed(lists, claimed):
    models = {model for model, _, _ in lists}
    assert len(claimed) == len(models) * 2 * len(SLICES) * len(METRICS) * len(CUTOFFS)
