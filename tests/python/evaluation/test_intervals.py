"""The intervals of the metrics against a bootstrap over customers."""

import numpy as np
import pytest

COLUMNS = {
    "precision": "precision_at_k",
    "recall": "recall_at_k",
    "f1": "f1_at_k",
    "ndcg": "ndcg_at_k",
    "map": "average_precision_at_k",
    "mrr": "reciprocal_rank_at_k",
    "hit_rate": "hit_at_k",
}
# Bounds may be off by a seventh of the interval's width: with some ten customers having
# most of the hits the bootstrap's interval is lopsided, the normal one is not.
TOLERANCE = 0.15


def bootstrap(values, resamples=4000, seed=20111209):
    """Give the percentile interval of the mean over customers drawn again."""
    chance = np.random.default_rng(seed)
    drawn = chance.integers(len(values), size=(resamples, len(values)))
    return np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])


def customer_values(connection, model, window, metric):
    rows = connection.execute(
        f"""
        select {COLUMNS[metric]}
        from recommendation_customer_metrics
        where
            model_name = ? and window_name = ?
            and product_slice = 'all' and cutoff = 10
        order by customer_index
        """,
        [model, window],
    ).fetchall()
    return np.array(rows)[:, 0]


def claimed(connection, model, window, metric):
    return connection.execute(
        """
        select
            metric_lower, metric_upper,
            popularity_difference_lower, popularity_difference_upper
        from recommendation_metrics
        where
            model_name = ? and window_name = ? and metric_name = ?
            and slice_name = 'all' and cutoff = 10
        """,
        [model, window, metric],
    ).fetchone()


def check(connection, model, window, metric):
    (baseline,) = connection.sql("from recommendation_baseline").fetchone()
    values = customer_values(connection, model, window, metric)
    gains = values - customer_values(connection, baseline, window, metric)
    found = claimed(connection, model, window, metric)
    for interval, expected in (
        (found[:2], bootstrap(values)),
        (found[2:], bootstrap(gains)),
    ):
        width = expected[1] - expected[0]
        assert width > 0
        assert interval == pytest.approx(expected, abs=TOLERANCE * width)


@pytest.mark.parametrize("window", ["validation", "test"])
@pytest.mark.parametrize("metric", COLUMNS)
@pytest.mark.parametrize("model", ["good", "poor"])
def test_intervals_are_those_of_a_bootstrap(random_judgement, model, metric, window):
    check(random_judgement, model, window, metric)


@pytest.mark.parametrize("window", ["validation", "test"])
@pytest.mark.parametrize("metric", COLUMNS)
@pytest.mark.parametrize("model", ["svd", "item_knn"])
def test_intervals_of_the_sample_are_those_of_a_bootstrap(
    warehouse, model, metric, window
):
    check(warehouse, model, window, metric)
