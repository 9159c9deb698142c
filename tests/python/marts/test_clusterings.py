"""Components, memberships and agreement as SQL computes them, against scikit-learn."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.cluster.hierarchy import linkage
from scipy.stats import rankdata
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from mercato.segmentation.representatives import NOISE, Representatives, assigned

MODELS = Path(__file__).parents[3] / "python_models" / "segments"
COORDINATES = [f"component_{number}" for number in range(1, 7)]


def traits(warehouse, column="value", table="feat_customer_trait__scaled"):
    rows = warehouse.execute(f"select customer_id, trait, {column} from {table}").df()
    return rows.pivot_table(
        index="customer_id", columns="trait", values=column, dropna=False
    )


def positions(warehouse):
    rows = warehouse.execute("select * from customer_positions").df()
    return rows.set_index("customer_id")[COORDINATES].sort_index()


def test_numbers_are_scaled_as_by_scikit_learn(warehouse):
    values = warehouse.execute("select * from feat_customer__traits").df()
    values = values.set_index("customer_id").sort_index()
    scaled = traits(warehouse)
    for trait in ("recency_days", "order_count", "product_count", "view_count"):
        expected = StandardScaler().fit_transform(np.log1p(values[[trait]]))
        np.testing.assert_allclose(scaled[[trait]], expected, atol=1e-5)
    ranks = rankdata(values["refunded_share"]) / len(values)
    expected = StandardScaler().fit_transform(ranks[:, None])[:, 0]
    np.testing.assert_allclose(scaled["refunded_share"], expected, atol=1e-5)


def test_what_is_not_known_is_average(warehouse):
    values = traits(warehouse, table="feat_customer_trait__values")
    scaled = traits(warehouse)
    single = values["days_between_orders"].isna()
    assert single.any()
    assert (scaled.loc[single, "days_between_orders"] == 0).all()
    known = np.log1p(values.loc[~single, ["days_between_orders"]])
    np.testing.assert_allclose(
        scaled.loc[~single, ["days_between_orders"]],
        StandardScaler().fit_transform(known),
        atol=1e-5,
    )


def test_levels_weigh_as_in_factor_analysis_of_mixed_data(warehouse):
    values = traits(warehouse, table="feat_customer_trait__values")
    scaled = traits(warehouse)
    levels = [name for name in scaled if ": " in name]
    assert len(levels) > 2
    for level in levels:
        known = values[level].dropna()
        share = known.mean()
        expected = (known - share) / np.sqrt(share)
        np.testing.assert_allclose(scaled.loc[known.index, level], expected, atol=1e-5)
        assert expected.var(ddof=0) == pytest.approx(1 - share)


def test_left_out_traits_have_a_reason(warehouse):
    rows = warehouse.execute("select * from feat_trait__scaling").df()
    assert rows["is_used"].equals(rows["left_out_reason"].isna())
    assert set(rows.loc[rows["is_used"], "trait"]) == set(traits(warehouse).columns)
    assert "discount_share" in set(rows.loc[~rows["is_used"], "trait"])


def test_scores_are_those_of_scikit_learn(warehouse):
    # The sample of the fit is the whole of so small a shop.
    matrix = traits(warehouse)
    scores = PCA().fit_transform(matrix)
    found = positions(warehouse).loc[matrix.index].to_numpy()
    retained = np.abs(found).max(axis=0) > 0
    width = int(retained.sum())
    assert 1 <= width <= 6
    np.testing.assert_allclose(
        np.abs(found[:, :width]), np.abs(scores[:, :width]), atol=1e-5
    )
    ratios = warehouse.execute(
        "select distinct component, explained_variance_ratio from component_loadings"
        " where component_method = 'pca' order by component"
    ).fetchnumpy()["explained_variance_ratio"]
    expected = PCA().fit(matrix).explained_variance_ratio_[: len(ratios)]
    np.testing.assert_allclose(ratios, expected, atol=1e-6)


@pytest.mark.parametrize("method", ["dbscan", "hdbscan", "kmeans", "ward"])
def test_each_customer_is_where_brute_force_finds_them(warehouse, method):
    places = warehouse.execute(
        "select * from py_trait_segments where is_selected and method = $1"
        " and component_1 is not null order by point_index",
        [method],
    ).df()
    numbers = places["segment_id"].replace("noise", str(NOISE)).astype(int).to_numpy()
    customers = positions(warehouse)
    reach = places["reach"].fillna(np.inf).to_numpy()
    expected = assigned(
        customers.to_numpy(),
        Representatives(places[COORDINATES].to_numpy(), numbers, reach),
    )
    found = warehouse.execute(
        "select segment_id from customer_clusterings where method = $1"
        " order by customer_id",
        [method],
    ).df()["segment_id"]
    found = found.replace("noise", str(NOISE)).astype(int)
    assert (found.to_numpy() == expected).all()
    judged = warehouse.execute(
        "select noise_share from segment_solutions where is_selected and method = $1",
        [method],
    ).fetchone()[0]
    assert (found == NOISE).mean() == pytest.approx(judged, abs=1e-9)


def test_agreement_is_that_of_scikit_learn(warehouse):
    rows = warehouse.execute("select * from customer_clusterings").df()
    wide = rows.pivot_table(
        index="customer_id", columns="method", values="segment_id", aggfunc="first"
    )
    found = warehouse.execute("select * from segment_agreement").df()
    assert len(found) == 10
    for row in found.itertuples():
        expected = adjusted_rand_score(wide[row.method], wide[row.other_method])
        assert row.adjusted_rand_index == pytest.approx(expected, abs=1e-6)


def test_differences_of_traits_are_those_of_pandas(warehouse):
    scaled = traits(warehouse)
    members = warehouse.execute(
        "select customer_id, segment_id from customer_clusterings"
        " where method = 'kmeans'"
    ).df()
    segments = members.set_index("customer_id")["segment_id"].loc[scaled.index]
    found = warehouse.execute("select * from segment_traits where method = 'kmeans'")
    for row in found.df().itertuples():
        inside = segments == row.segment_id
        expected = scaled.loc[inside, row.trait].mean()
        expected -= scaled.loc[~inside, row.trait].mean()
        assert row.difference == pytest.approx(expected, abs=2e-6)


def test_the_tree_has_the_heights_of_scipy(warehouse):
    heights = warehouse.execute(
        "select height from segment_dendrogram order by step"
    ).fetchnumpy()["height"]
    expected = linkage(positions(warehouse).to_numpy(), "ward")[:, 2]
    np.testing.assert_allclose(heights, expected, atol=1e-5)


def test_all_segments_by_traits_stand_on_the_same_components():
    parameters = [
        yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]["config"]["meta"][
            "parameters"
        ]
        for path in sorted(MODELS.glob("py_trait_*.yml"))
    ]
    assert len(parameters) == 3
    shared = [(each["explained_share"], each["max_components"]) for each in parameters]
    assert len(set(shared)) == 1
