import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import tea_tasting
from scipy import stats

from mercato.experiments.frequentist import frequentist_results
from mercato.experiments.results import RESULTS_SCHEMA, TESTED

KEYS = ["experiment_id", "metric_id", "segment_dimension", "segment_value", "variant"]
TEST_COLUMNS = [
    "p_value",
    "statistic",
    "standard_error",
    "effect_lower",
    "effect_upper",
    "holm_p_value",
    "dunnett_p_value",
    "benjamini_hochberg_p_value",
    "family_size",
    "correction_scope",
]


@pytest.fixture
def shop(arm_of, counted_of, statistics_of):
    """Give the statistics of two experiments with metrics of all kinds, by country."""
    random = np.random.default_rng(1)

    def arms(experiment, variant, country, users):
        place = {"experiment_id": experiment, "segment_value": country}
        place["segment_dimension"] = "all" if country == "all" else "country"
        is_control = variant == "a"
        past, sessions = random.gamma(2, 3, users), 1 + random.poisson(3, users)
        y = past + random.normal(0.2 * (variant == "c"), 2, users)
        orders = random.binomial(sessions, 0.3)
        return [
            counted_of(
                variant,
                is_control,
                users,
                int(random.binomial(users, 0.2)),
                metric_id="converted",
                **place,
            ),
            arm_of(
                variant,
                is_control,
                y,
                None,
                past,
                metric_id="spent",
                is_guardrail=True,
                margin=0.1,
                **place,
            ),
            arm_of(variant, is_control, orders, metric_id="orders", **place)
            | {"metric_kind": "count", "is_guardrail": True, "direction": "decrease"},
            arm_of(variant, is_control, orders, sessions, metric_id="rate", **place)
            | {"metric_kind": "ratio"},
            arm_of(variant, is_control, metric_id="median", **place)
            | {"metric_kind": "quantile", "unit_count": users}
            | {"quantile_value": 5.0, "quantile_lower": 4.0, "quantile_upper": 6.5},
        ]

    return statistics_of(
        *(
            arm
            for experiment, variants in (("e", "abc"), ("f", "ab"))
            for variant in variants
            for country, users in (("all", 500), ("fr", 200), ("gb", 300))
            for arm in arms(experiment, variant, country, users)
        )
    )


@pytest.fixture
def results(shop):
    return frequentist_results(shop, seed=1, post_stratify_by="country").to_pandas()


def test_each_kind_has_its_methods(results):
    versus = results[results["comparison"] == "variant vs control"]
    found = versus.groupby("metric_id")["method"].agg(set).to_dict()
    margins = {"non_inferiority", "equivalence"}
    assert found == {
        "converted": {"two_proportion", "cuped", "post_stratified"},
        "spent": {"welch", "cuped", "post_stratified"} | margins,
        "orders": {"welch", "cuped", "post_stratified"} | margins,
        "rate": {"delta", "cuped"},
        "median": {"order_statistics"},
    }
    overall = results[results["comparison"] == "all variants"]
    assert overall.groupby("metric_id")["method"].agg(set).to_dict() == {
        "converted": {"chi_square"},
        "spent": {"welch_anova"},
        "orders": {"welch_anova"},
        "rate": {"welch_anova"},
    }
    between = results[results["comparison"] == "between segments"]
    assert len(between) == 5 * 3
    assert set(between["segment_dimension"]) == {"country"}


def test_every_variant_of_every_segment_has_one_default(results):
    defaults = results[results["is_default"]]
    assert set(defaults["comparison"]) == {"variant vs control"}
    assert not defaults.duplicated(KEYS).any()
    assert len(defaults) == 5 * 3 * 3
    assert set(defaults["status"]) == {"ok"}
    assert defaults.groupby("metric_id")["method"].agg(set).to_dict() == {
        "converted": {"two_proportion"},
        "spent": {"cuped"},
        "orders": {"welch"},
        "rate": {"delta"},
        "median": {"order_statistics"},
    }
    adjusted = defaults.set_index("metric_id")["variance_reduction"]["spent"]
    assert (adjusted > 0.7).all()


def test_rows_come_once_and_in_order_whatever_the_order_of_the_input(shop, results):
    rows = results[[*KEYS[:4], "comparison", "variant", "method"]]
    assert not rows.duplicated().any()
    order = np.random.default_rng(2).permutation(shop.num_rows)
    shuffled = frequentist_results(
        shop.take(order), seed=1, post_stratify_by="country"
    ).to_pandas()
    pd.testing.assert_frame_equal(shuffled, results)


def test_an_experiment_alone_has_the_same_results(shop, results):
    chosen = [row == "f" for row in shop["experiment_id"].to_pylist()]
    alone = frequentist_results(
        shop.filter(pa.array(chosen)), seed=1, post_stratify_by="country"
    ).to_pandas()
    same = results[results["experiment_id"] == "f"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, same, check_dtype=False)


def test_without_a_test_there_are_no_numbers_and_no_corrections(results):
    untested = results[~results["status"].isin(TESTED)]
    assert set(untested["status"]) == {"no covariate", "no margin"}
    assert untested[TEST_COLUMNS].isna().all().all()
    tested = results[results["status"].isin(TESTED)]
    assert tested["p_value"].between(0, 1).all()


def test_holm_is_that_of_statsmodels(results, adjusted_by_statsmodels):
    versus = results[results["comparison"] == "variant vs control"]
    versus = versus[~versus["method"].isin(["non_inferiority", "equivalence"])]
    families = versus.groupby(
        ["experiment_id", "metric_id", "method", "segment_dimension"]
    )
    sizes = set()
    for (experiment, _, _, dimension), family in families:
        tested = family[family["status"] == "ok"]
        if tested.empty:
            continue
        expected = adjusted_by_statsmodels(tested["p_value"], "holm")
        assert tested["holm_p_value"].to_numpy() == pytest.approx(expected)
        variants, values = 2 if experiment == "e" else 1, 1 if dimension == "all" else 2
        assert (tested["family_size"] == variants * values).all()
        scope = "variants" if values == 1 else "variants and values of country"
        assert (tested["correction_scope"] == scope).all()
        sizes.add(len(tested))
    assert sizes == {1, 2, 4}


def test_false_discovery_rates_are_those_of_statsmodels(
    results, adjusted_by_statsmodels
):
    counted = results[results["is_default"] & (results["segment_value"] == "all")]
    for _, family in counted.groupby("experiment_id"):
        expected = adjusted_by_statsmodels(family["p_value"], "fdr_bh")
        found = family["benjamini_hochberg_p_value"].to_numpy()
        assert found == pytest.approx(expected)
    others = results.drop(counted.index)
    assert others["benjamini_hochberg_p_value"].isna().all()


def test_dunnett_lies_between_the_p_value_and_its_bonferroni(results):
    tested = results[results["dunnett_p_value"].notna()]
    assert set(tested["segment_value"]) == {"all"}
    several = tested[tested["experiment_id"] == "e"]
    several = several[several["p_value"] < 1]
    assert (several["dunnett_p_value"] > several["p_value"]).all()
    assert (several["dunnett_p_value"] < 2 * several["p_value"]).all()
    one = tested[tested["experiment_id"] == "f"]
    assert one["dunnett_p_value"].to_numpy() == pytest.approx(one["p_value"].to_numpy())


def test_guardrails_are_tested_from_the_default(results):
    margins = results[results["method"].isin(["non_inferiority", "equivalence"])]
    assert set(margins["segment_value"]) == {"all"}
    assert not margins["is_default"].any()
    defaults = results[results["is_default"]].set_index(KEYS)
    for _, row in margins.iterrows():
        default = defaults.loc[tuple(row[KEYS])]
        for name in ("value", "control_value", "effect", "standard_error"):
            if not np.isnan(row[name]):
                assert row[name] == default[name]
    assert set(margins.loc[margins["metric_id"] == "orders", "status"]) == {"no margin"}
    spent = margins[
        (margins["metric_id"] == "spent") & (margins["method"] == "non_inferiority")
    ]
    for _, row in spent.iterrows():
        default = defaults.loc[tuple(row[KEYS])]
        # From the t test of value - 0.9 control value, its variance put back together.
        shift = row["value"] - 0.9 * row["control_value"]
        assert 0 < shift / row["statistic"] <= default["standard_error"]
        expected = stats.t.sf(row["statistic"], default["degrees_of_freedom"])
        assert row["p_value"] == pytest.approx(expected)


def test_segments_are_compared_from_the_defaults(results, adjusted_by_statsmodels):
    between = results[results["comparison"] == "between segments"]
    segments = results[results["is_default"] & (results["segment_value"] != "all")]
    for _, row in between.iterrows():
        same = (segments[[*KEYS[:2], "variant"]] == row[[*KEYS[:2], "variant"]]).all(1)
        effect, error = segments.loc[same, ["effect", "standard_error"]].to_numpy().T
        # Of two segments, Q is the square of the difference over its error.
        q = (effect[0] - effect[1]) ** 2 / (error**2).sum()
        assert row["statistic"] == pytest.approx(q)
        assert row["p_value"] == pytest.approx(stats.chi2.sf(q, 1))
    family = between[between["experiment_id"] == "e"].groupby("metric_id")
    for _, rows in family:
        expected = adjusted_by_statsmodels(rows["p_value"], "holm")
        assert rows["holm_p_value"].to_numpy() == pytest.approx(expected)
    assert set(between["correction_scope"]) == {"variants and segment dimensions"}


def test_published_users_of_tea_tasting(arm_of, statistics_of):
    data = tea_tasting.make_users_data(rng=42, covariates=True).to_pandas()
    arms = [
        arm_of(
            "ab"[variant],
            variant == 0,
            users[metric].to_numpy(),
            users["sessions"].to_numpy() if is_ratio else None,
            users[f"{metric}_covariate"].to_numpy(),
            users["sessions_covariate"].to_numpy() if is_ratio else None,
            metric_id=f"{metric}{is_ratio}",
            metric_kind="ratio" if is_ratio else "mean",
        )
        for variant, users in data.groupby("variant")
        for metric, is_ratio in (("orders", 0), ("revenue", 0), ("orders", 1))
    ]
    found = frequentist_results(statistics_of(*arms), seed=1).to_pandas()
    found = found[found["comparison"] == "variant vs control"]
    published = {
        ("orders0", "welch"): 0.117732,
        ("orders0", "cuped"): 0.007330,
        ("revenue0", "welch"): 0.123070,
        ("revenue0", "cuped"): 0.006744,
        ("orders1", "delta"): 0.076238,
        ("orders1", "cuped"): 0.002293,
    }
    p_values = found.set_index(["metric_id", "method"])["p_value"]
    assert p_values.to_dict() == pytest.approx(published, abs=1e-6)
    assert set(found.loc[found["is_default"], "method"]) == {"cuped"}


def test_a_covariate_that_explains_nothing_is_not_the_default(arm_of, statistics_of):
    # The covariate's slopes cancel out between the arms: theta is 0.
    arms = [
        arm_of("a", True, [1, 2, 3, 4], None, [1, 2, 3, 4]),
        arm_of("b", False, [4, 3, 2, 1], None, [1, 2, 3, 4]),
    ]
    found = frequentist_results(statistics_of(*arms), seed=1).to_pandas()
    found = found.set_index("method")
    assert found.loc["cuped", "status"] == "ok"
    assert found.loc["cuped", "variance_reduction"] == pytest.approx(0)
    assert found.loc["welch", "is_default"]
    assert not found.loc["cuped", "is_default"]


def test_guardrails_of_rates_without_variance_have_no_test(counted_of, statistics_of):
    arms = [
        counted_of("a", True, 50, 50, is_guardrail=True, margin=0.02),
        counted_of("b", False, 50, 0, is_guardrail=True, margin=0.02),
    ]
    found = frequentist_results(statistics_of(*arms), seed=1).to_pandas()
    status = found.set_index("method")["status"].to_dict()
    assert status["two_proportion"] == "ok"
    assert status["non_inferiority"] == status["equivalence"] == "no variation"


def test_no_control_or_no_units_leave_a_reason(arm_of, counted_of, statistics_of):
    arms = [
        counted_of("a", False, 50, 5, metric_id="m"),
        counted_of("b", False, 50, 5, metric_id="m"),
        arm_of("a", True, [], metric_id="n"),
        arm_of("b", False, [], metric_id="n"),
    ]
    found = frequentist_results(statistics_of(*arms), seed=1).to_pandas()
    versus = found[found["is_default"]]
    assert versus["status"].tolist() == ["no control", "no control", "no exposures"]
    assert versus["control_variant"].isna().tolist() == [True, True, False]
    assert versus["control_value"].isna().all()
    assert versus["unit_count"].tolist() == [50, 50, 0]
    assert versus[TEST_COLUMNS].isna().all().all()


def test_no_statistics_give_no_results(statistics_of):
    assert frequentist_results(statistics_of(), seed=1).equals(
        RESULTS_SCHEMA.empty_table()
    )


@pytest.mark.parametrize("level", [0, 1, 95])
def test_confidence_level_lies_between_0_and_1(statistics_of, level):
    with pytest.raises(ValueError, match=f"confidence_level == {level}, must be > 0"):
        frequentist_results(statistics_of(), seed=1, confidence_level=level)


def test_names_are_just_data(counted_of, statistics_of):
    names = ("Robert'); --", '"B"\n')
    arms = [counted_of(name, name == names[0], 90, 9 + len(name)) for name in names]
    found = frequentist_results(statistics_of(*arms), seed=1).to_pylist()
    pairs = {(row["control_variant"], row["variant"]) for row in found}
    assert pairs == {names, (None, None)}


@pytest.mark.parametrize("kind", ["proportion", "ratio"])
def test_rare_events_make_no_segments_differ(arm_of, counted_of, statistics_of, kind):
    # 300 A/A experiments in six segments, a fifth of them small: four binomial standard
    # errors of 5 % are 5 points.
    random = np.random.default_rng(10)

    def arm(variant, experiment, segment):
        place = {"experiment_id": experiment, "segment_dimension": "country"}
        place["segment_value"] = f"{segment}"
        users = 60 if segment == 0 else 1200
        if kind == "proportion":
            hits = int(random.binomial(users, 0.02))
            return counted_of(variant, variant == "a", users, hits, **place)
        orders = random.poisson(0.06, users)
        values = orders * random.gamma(2, 3, users)
        arm = arm_of(variant, variant == "a", values, orders, **place)
        return arm | {"metric_kind": "ratio"}

    arms = [
        arm(variant, f"{number:03d}", segment)
        for number in range(300)
        for segment in range(6)
        for variant in "ab"
    ]
    found = frequentist_results(statistics_of(*arms), seed=1).to_pandas()
    between = found[found["comparison"] == "between segments"]
    assert set(between["status"]) == {"ok"}
    assert (between["degrees_of_freedom"] <= 4).all()
    assert (between["p_value"] < 0.05).mean() < 0.05 + 0.05


def test_families_of_false_positives_are_held(counted_of, arm_of, statistics_of):
    # 400 A/A experiments of three metrics and three arms. Of all families, at most 5 %
    # hold a false discovery; four binomial standard errors are 4.4 points.
    random = np.random.default_rng(9)

    def arm(variant, experiment, metric):
        users = random.gamma(2, 3, 80)
        place = {"experiment_id": experiment, "metric_id": metric}
        return arm_of(
            variant,
            variant == "a",
            users + random.normal(0, 3, 80),
            None,
            users,
            **place,
        )

    arms = [
        arm(variant, f"{number:03d}", metric)
        for number in range(400)
        for metric in "mno"
        for variant in "abc"
    ]
    found = frequentist_results(statistics_of(*arms), seed=1).to_pandas()
    found = found[found["is_default"]]
    by_metric = found.groupby(["experiment_id", "metric_id"])
    for name in ("holm_p_value", "dunnett_p_value"):
        assert (by_metric[name].min() < 0.05).mean() < 0.05 + 0.026
    dunnett = (by_metric["dunnett_p_value"].min() < 0.05).mean()
    assert dunnett == pytest.approx(0.05, abs=0.026)
    by_experiment = found.groupby("experiment_id")["benjamini_hochberg_p_value"].min()
    assert (by_experiment < 0.05).mean() < 0.05 + 0.044
