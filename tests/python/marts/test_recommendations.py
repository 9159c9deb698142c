"""What is recommended, and how its quality is measured, against NumPy and the file."""

from collections import defaultdict

import numpy as np
import pytest

Z = 1.959964


def lists(warehouse):
    """Each recommender's list for each customer of the evaluation window."""
    found = defaultdict(list)
    for model, customer, product in warehouse.execute(
        "select model_name, customer_index, product_index"
        " from recommendation_candidates where window_name = 'evaluation'"
        " order by recommendation_rank"
    ).fetchall():
        found[model, customer].append(product)
    return found


def relevant_products(warehouse):
    relevant = defaultdict(set)
    for customer, product in warehouse.execute(
        "select customer_index, product_index from feat_customer_product__holdout"
    ).fetchall():
        relevant[customer].add(product)
    return relevant


def precision(is_hit, relevant_count, k):
    return is_hit.sum() / k


def recall(is_hit, relevant_count, k):
    return is_hit.sum() / relevant_count


def ndcg(is_hit, relevant_count, k):
    gains = 1 / np.log2(np.arange(2, k + 2))
    return (gains * is_hit).sum() / gains[: min(k, relevant_count)].sum()


METRICS = {"precision": precision, "recall": recall, "ndcg": ndcg}


def by_customer(warehouse, model, metric, k):
    """The metric of each customer with something to find, in a fixed order."""
    suggested, relevant = lists(warehouse), relevant_products(warehouse)
    values = []
    for customer in sorted(relevant):
        is_hit = np.zeros(k)
        for place, product in enumerate(suggested[model, customer][:k]):
            is_hit[place] = product in relevant[customer]
        values.append(METRICS[metric](is_hit, len(relevant[customer]), k))
    return np.array(values)


def interval(values):
    error = values.std(ddof=1) / np.sqrt(len(values))
    mean = values.mean()
    return [mean, mean - Z * error, mean + Z * error]


@pytest.mark.parametrize("k", [5, 10])
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("model", ["svd", "popularity"])
def test_metrics_equal_those_of_numpy(warehouse, model, metric, k):
    found = warehouse.execute(
        """
        select
            customer_count,
            metric_value, metric_lower, metric_upper,
            popularity_difference,
            popularity_difference_lower, popularity_difference_upper
        from recommendation_metrics
        where model_name = ? and metric_name = ? and cutoff = ?
        """,
        [model, metric, k],
    ).fetchone()
    values = by_customer(warehouse, model, metric, k)
    gain = values - by_customer(warehouse, "popularity", metric, k)
    assert found[0] == len(values)
    assert found[1:4] == pytest.approx(interval(values), abs=1e-8)
    assert found[4:] == pytest.approx(interval(gain), abs=1e-8)


def test_nobody_is_recommended_what_the_file_says_they_bought(warehouse, lines):
    bought = lines[~lines["is_cancelled"] & (lines["customer_id"] != "")]
    owned = set(zip(bought["customer_id"], bought["product_id"], strict=True))
    recommended = warehouse.execute(
        "select customer_id, product_id from customer_recommendations"
    ).fetchall()
    assert owned
    assert not owned & set(recommended)


def test_everybody_of_the_files_is_recommended_ten_products(
    warehouse, raw_lines, events
):
    counts = dict(
        warehouse.execute(
            "select customer_id, count(*) from customer_recommendations group by all"
        ).fetchall()
    )
    named = {*raw_lines["customer_id"], *events["customer_id"]} - {""}
    assert named <= counts.keys()
    assert set(counts.values()) == {10}


def test_reasons_name_a_product_of_the_customer(warehouse):
    strangers = warehouse.execute(
        """
        select recommendations.*
        from customer_recommendations as recommendations
        where
            reason_product_id is not null
            and not exists (
                select 1 from feat_customer_product__signals as signals
                where
                    signals.customer_id = recommendations.customer_id
                    and signals.product_id = recommendations.reason_product_id
                    and (
                        signals.interaction_type = 'order'
                        or reason like '%looked at%'
                    )
            )
        """
    ).fetchall()
    assert strangers == []
