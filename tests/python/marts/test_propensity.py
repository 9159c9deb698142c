"""Metrics and rules of propensities against scikit-learn, and what is served."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from sklearn import metrics
from statsmodels.stats.proportion import proportion_confint

RULES = {"base_rate", "recency_rule"}


@pytest.fixture(scope="module")
def predictions(warehouse):
    return warehouse.sql("select * from propensity_predictions").df()


@pytest.fixture(scope="module")
def measured(warehouse):
    table = warehouse.sql("select * from propensity_metrics").df()
    return table.set_index(["scope", "method", "metric_name"]).sort_index()


def calibration_error(bought, probability):
    bins = np.minimum(np.floor(probability * 10), 9)
    rows = pd.DataFrame({"bin": bins, "off": probability - bought})
    return rows.groupby("bin")["off"].sum().abs().sum() / len(rows)


def best_rate(bought, probability):
    """What a tenth would hold if equal customers came in every order."""
    tenth = int(np.ceil(len(bought) / 10))
    last = np.sort(probability)[-tenth]
    above = probability > last
    share = (tenth - above.sum()) / (probability == last).sum()
    return (bought[above].sum() + share * bought[probability == last].sum()) / tenth


def test_metrics_are_those_of_scikit_learn(predictions, measured):
    for (date, method), rows in predictions.groupby(["snapshot_date", "method"]):
        bought = rows["has_purchased"].to_numpy().astype(float)
        probability = rows["purchase_probability"].to_numpy()
        expected = {
            "auc": metrics.roc_auc_score(bought, probability),
            "pr_auc": metrics.average_precision_score(bought, probability),
            "log_loss": metrics.log_loss(bought, probability),
            "brier": metrics.brier_score_loss(bought, probability),
            "calibration_error": calibration_error(bought, probability),
            "lift_at_10": best_rate(bought, probability) / bought.mean(),
        }
        found = measured.loc[str(date.date()), method]
        assert (found["customer_count"] == len(rows)).all()
        assert found["metric_value"].to_dict() == pytest.approx(expected, abs=1e-9)


def delong_error(bought, probability):
    """Brute force: each buyer against each other customer."""
    buyers, others = probability[bought], probability[~bought]
    wins = (buyers[:, None] > others) + (buyers[:, None] == others) / 2
    return np.sqrt(
        wins.mean(axis=1).var(ddof=1) / len(buyers)
        + wins.mean(axis=0).var(ddof=1) / len(others)
    )


def test_standard_errors(predictions, measured):
    for (date, method), rows in predictions.groupby(["snapshot_date", "method"]):
        found = measured.loc[str(date.date()), method]["standard_error"]
        bought = rows["has_purchased"].to_numpy().astype(bool)
        probability = rows["purchase_probability"].to_numpy()
        assert found["auc"] == pytest.approx(
            delong_error(bought, probability), abs=1e-9
        )
        errors = (probability - bought) ** 2
        assert found["brier"] == pytest.approx(stats.sem(errors), abs=1e-9)
        assert pd.isna(found["pr_auc"])


def test_all_is_the_mean_over_snapshots(measured):
    for key, one in measured.loc["all"].iterrows():
        each = measured.drop("all").xs(key, level=(1, 2))["metric_value"]
        assert one["metric_value"] == pytest.approx(each.mean(), abs=1e-9)
        assert one["standard_error"] == pytest.approx(stats.sem(each), abs=1e-9)


def test_rules_stand_beside_every_metric(measured):
    for rule in RULES:
        column = measured[f"{rule}_value"]
        for (scope, _, metric), value in column.items():
            assert value == measured.loc[(scope, rule, metric), "metric_value"]


def test_models_learn_from_what_was_over(warehouse, predictions):
    """The base rate of each snapshot, counted from the snapshots before."""
    features = warehouse.sql(
        "select * from feat_snapshot_customer__features where has_purchased is not null"
    ).df()
    calendar = warehouse.sql("select * from feat_snapshot__calendar").df()
    ends = calendar.set_index("snapshot_date")["horizon_end_date"]
    rates = predictions[predictions["method"] == "base_rate"]
    assert rates["snapshot_date"].nunique() == 4
    for date, rows in rates.groupby("snapshot_date"):
        known = features[features["snapshot_date"].map(ends) <= date]
        rate = (known["has_purchased"].sum() + 1) / (len(known) + 2)
        assert rows["purchase_probability"].to_numpy() == pytest.approx(rate)


def test_gains_are_those_of_statsmodels_with_clustered_errors(warehouse, predictions):
    gains = warehouse.sql("select * from propensity_gains").df()
    for row in gains.itertuples():
        of_role = predictions[predictions["snapshot_role"] == row.snapshot_role]
        losses = of_role.pivot(
            index=["snapshot_date", "customer_id"], columns="method", values="log_loss"
        )
        gain = losses[row.baseline_method] - losses[row.method]
        groups = gain.index.get_level_values("customer_id").factorize()[0]
        fit = sm.OLS(gain.to_numpy(), np.ones(len(gain))).fit(
            cov_type="cluster",
            cov_kwds={"groups": groups, "use_correction": False},
        )
        count = groups.max() + 1
        error = fit.bse[0] * np.sqrt(count / (count - 1))
        z = stats.norm.ppf(1 - 0.025 / 7)
        assert row.log_loss_gain == pytest.approx(gain.mean(), abs=1e-8)
        assert row.log_loss_gain_lower == pytest.approx(
            gain.mean() - z * error, abs=1e-7
        )


def test_bins_hold_everybody_and_are_those_of_statsmodels(warehouse, predictions):
    bins = warehouse.sql("select * from propensity_calibration").df()
    assert bins["customer_count"].sum() == len(predictions)
    lower, upper = proportion_confint(
        (bins["purchase_rate"] * bins["customer_count"]).round(),
        bins["customer_count"],
        method="wilson",
    )
    np.testing.assert_allclose(bins["purchase_rate_lower"], lower, atol=1e-6)
    np.testing.assert_allclose(bins["purchase_rate_upper"], upper, atol=1e-6)


def test_a_model_is_served_only_if_it_beats_both_rules(warehouse, measured):
    [champion] = warehouse.sql("select * from propensity_champion").df().itertuples()
    served = warehouse.sql("select * from customer_propensity").df()
    assert set(served["method"]) == {champion.method}
    is_model = champion.method not in RULES
    assert champion.is_confirmed == is_model
    assert set(served["status"]) == {"model" if is_model else "baseline"}
    if is_model:
        losses = measured.xs("log_loss", level="metric_name")
        losses = losses[losses["snapshot_role"] == "test"]["metric_value"].droplevel(0)
        assert losses[champion.method] < min(losses[rule] for rule in RULES)
        reason = r"(raised|lowered) by [a-z0-9 ]+: ([\d.]+|not known)"
        assert served["reason_1"].str.fullmatch(reason).all()


def test_tenths_are_as_large_as_ties_allow(warehouse):
    served = warehouse.sql("select * from customer_propensity").df()
    counts = served["purchase_decile"].value_counts().sort_index()
    assert counts.index.tolist() == list(range(1, 11))
    assert counts.max() - counts.min() <= 2
    means = served.groupby("purchase_decile")["purchase_probability"].mean()
    assert means.is_monotonic_decreasing
