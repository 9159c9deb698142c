"""The segment of each customer, against scikit-learn."""

import numpy as np
from sklearn.metrics import pairwise_distances, pairwise_distances_argmin

FEATURES = "recency_z, frequency_z, monetary_z"


def columns(warehouse, query):
    return warehouse.execute(query).fetchnumpy()


def points(table):
    return np.column_stack([table[name] for name in FEATURES.split(", ")])


def test_each_customer_is_in_the_segment_of_the_nearest_centre(warehouse):
    centres = columns(
        warehouse,
        f"select segment_id, {FEATURES} from py_segments_kmeans"
        " where is_selected order by segment_id",
    )
    customers = columns(
        warehouse,
        f"select customer_id, segment_id, centre_distance, {FEATURES}"
        " from customer_segments inner join feat_customer__rfm_scaled"
        " using (customer_id)",
    )
    nearest = pairwise_distances_argmin(points(customers), points(centres))
    assert (centres["segment_id"][nearest] == customers["segment_id"]).all()
    distance = pairwise_distances(points(customers), points(centres)).min(axis=1)
    np.testing.assert_allclose(customers["centre_distance"], distance, atol=1e-6)


def test_the_model_counted_the_same_customers(warehouse):
    counted = warehouse.execute(
        "select segment_id, customer_count from py_segments_kmeans where is_selected"
    ).fetchall()
    profiled = warehouse.execute(
        "select segment_id, customer_count from segment_profiles"
    ).fetchall()
    assert sorted(profiled) == sorted(row for row in counted if row[1] > 0)
