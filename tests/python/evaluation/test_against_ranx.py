"""The metrics of the evaluation are those of the ranx library."""

import numpy as np
import pytest
from ranx import Qrels, Run, evaluate

METRICS = {
    "precision": "precision_at_k",
    "recall": "recall_at_k",
    "f1": "f1_at_k",
    "ndcg": "ndcg_at_k",
    "map": "average_precision_at_k",
    "mrr": "reciprocal_rank_at_k",
    "hit_rate": "hit_at_k",
}
CUTOFFS = (5, 10, 20)


def by_ranx(connection, model, window, product_slice):
    """Each metric's value for each judge, by metric@k."""
    relevant = connection.execute(
        "select customer_index, product_index from relevant_products"
        " where window_name = ? and product_slice = ?",
        [window, product_slice],
    ).fetchall()
    recommended = connection.execute(
        "select customer_index, product_index, recommendation_rank"
        " from recommendation_candidates where window_name = ? and model_name = ?",
        [window, model],
    ).fetchall()
    qrels, run = {}, {}
    for customer, product in relevant:
        qrels.setdefault(str(customer), {})[str(product)] = 1
    for customer, product, rank in recommended:
        run.setdefault(str(customer), {})[str(product)] = 1 / rank
    run = Run(run)
    names = [f"{metric}@{k}" for metric in METRICS for k in CUTOFFS]
    evaluate(Qrels(qrels), run, names, return_mean=False, make_comparable=True)
    return run.scores


@pytest.fixture(scope="module", params=["all", "new_products"])
def product_slice(request):
    return request.param


@pytest.fixture(scope="module", params=["validation", "test"])
def window(request):
    return request.param


@pytest.fixture(scope="module", params=["good", "poor", "popularity"])
def model(request):
    return request.param


@pytest.fixture(scope="module")
def expected(random_judgement, model, window, product_slice):
    return by_ranx(random_judgement, model, window, product_slice)


@pytest.mark.parametrize("k", CUTOFFS)
@pytest.mark.parametrize("metric", METRICS)
def test_each_customer_has_the_value_of_ranx(
    random_judgement, model, window, product_slice, expected, metric, k
):
    found = random_judgement.execute(
        f"""
        select cast(customer_index as varchar), {METRICS[metric]}
        from recommendation_customer_metrics
        where model_name = ? and window_name = ? and product_slice = ? and cutoff = ?
        """,
        [model, window, product_slice, k],
    ).fetchall()
    assert len(found) > 50
    assert dict(found) == pytest.approx(expected[f"{metric}@{k}"], abs=1e-6)


@pytest.mark.parametrize("k", CUTOFFS)
@pytest.mark.parametrize("metric", METRICS)
def test_the_mean_is_that_of_ranx(
    random_judgement, model, window, product_slice, expected, metric, k
):
    found = random_judgement.execute(
        """
        select metric_value
        from recommendation_metrics
        where
            model_name = ? and window_name = ? and slice_name = ?
            and metric_name = ? and cutoff = ?
        """,
        [model, window, product_slice, metric, k],
    ).fetchone()
    values = list(expected[f"{metric}@{k}"].values())
    assert found[0] == pytest.approx(np.mean(values), abs=1e-6)
    assert 0 < found[0] < 1
