"""Customer analytics as an analyst would script them: pandas, scikit-learn, lifetimes.

Plain, vectorised use of the libraries, not written to be slow: what
`benchmarks.customers` measures mercato against. Run it with
`python -m benchmarks.customer_script INPUT OUTPUT`.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, ward
from sklearn.cluster import HDBSCAN
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.baseline_pandas import DAY, Tables, clean, last_date, rfm, segments

SNAPSHOT_DAYS = 28
SNAPSHOTS = 12
HORIZON_DAYS = 90
# As many rows as each of mercato's models learns from at most.
LEARNING_ROWS = 100_000
CLUSTERING_ROWS = 10_000
LINKAGE_ROWS = 2_000
FUNNEL = ("view", "add_to_cart", "order")
FUNNEL_LIMIT = pd.Timedelta(days=7)
SEED = 0


def sold_orders(tables: Tables) -> pd.DataFrame:
    """Return one row per sale: customer, time, amount, number of products."""
    lines = tables["order_lines"]
    sold = lines[~lines["is_cancelled"] & lines["customer_id"].notna()]
    return (
        sold.groupby("order_id")
        .agg(
            customer_id=("customer_id", "first"),
            ordered_at=("ordered_at", "min"),
            net_amount=("net_amount", "sum"),
            product_count=("product_id", "nunique"),
        )
        .reset_index()
    )


def cohorts(orders: pd.DataFrame) -> pd.DataFrame:
    """Return retention and revenue by month of the first order and months since."""
    month = orders["ordered_at"].dt.to_period("M")
    first = month.groupby(orders["customer_id"]).transform("min")
    age = month.astype("int64") - first.astype("int64")
    active = orders.assign(cohort_month=first.astype(str), month_number=age)
    keys = ["cohort_month", "month_number"]
    triangle = active.groupby(keys).agg(
        active_customer_count=("customer_id", "nunique"),
        gross_amount=("net_amount", "sum"),
    )
    size = triangle["active_customer_count"].xs(0, level="month_number")
    triangle["retention_rate"] = triangle["active_customer_count"].div(
        size, level="cohort_month"
    )
    return triangle.reset_index()


def lifetime_value(orders: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Return expected orders and revenue by BG/NBD and Gamma-Gamma."""
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    from lifetimes.utils import summary_data_from_transaction_data

    known = summary_data_from_transaction_data(
        orders,
        "customer_id",
        "ordered_at",
        monetary_value_col="net_amount",
        observation_period_end=last,
        freq="D",
    )
    weeks = (known["frequency"], known["recency"] / 7, known["T"] / 7)
    # Without the penalty that its error message proposes it does not converge: the
    # customers of the generated shop never stop buying.
    model = BetaGeoFitter(penalizer_coef=0.001).fit(*weeks)
    paying = known[(known["frequency"] > 0) & (known["monetary_value"] > 0)]
    amounts = GammaGammaFitter().fit(paying["frequency"], paying["monetary_value"])
    value = amounts.conditional_expected_average_profit(
        known["frequency"], known["monetary_value"]
    )
    expected = model.conditional_expected_number_of_purchases_up_to_time(
        HORIZON_DAYS / 7, *weeks
    )
    return known.assign(
        probability_alive=model.conditional_probability_alive(*weeks),
        expected_orders=expected,
        expected_revenue=expected * value,
    ).reset_index()


def clusterings(recencies: pd.DataFrame) -> pd.DataFrame:
    """Return HDBSCAN and Ward segments of samples, and principal components of all."""
    columns = ["recency_days", "frequency", "monetary_amount"]
    points = StandardScaler().fit_transform(np.log1p(recencies[columns].clip(lower=0)))
    components = PCA(2).fit_transform(points)
    rng = np.random.default_rng(SEED)
    dense = np.full(len(points), -2)
    some = rng.permutation(len(points))[:CLUSTERING_ROWS]
    dense[some] = HDBSCAN(min_cluster_size=25, copy=True).fit_predict(points[some])
    tree = np.full(len(points), -2)
    few = some[:LINKAGE_ROWS]
    tree[few] = fcluster(ward(points[few]), 5, criterion="maxclust")
    return recencies[["customer_id"]].assign(
        hdbscan=dense, ward=tree, pc_1=components[:, 0], pc_2=components[:, 1]
    )


def snapshot(
    orders: pd.DataFrame, events: pd.DataFrame, date: pd.Timestamp
) -> pd.DataFrame:
    """Return what was known of each customer on a date, and who ordered after it."""
    past = orders[orders["ordered_at"] < date]
    later = orders[
        (orders["ordered_at"] >= date)
        & (orders["ordered_at"] < date + SNAPSHOT_DAYS * DAY)
    ]
    by_customer = past.groupby("customer_id")
    known = pd.DataFrame(
        {
            "recency": (date - by_customer["ordered_at"].max()).dt.days,
            "tenure": (date - by_customer["ordered_at"].min()).dt.days,
            "frequency": by_customer.size(),
            "monetary": by_customer["net_amount"].sum(),
            "products": by_customer["product_count"].sum(),
        }
    )
    for days in (30, 90):
        recent = past[past["ordered_at"] >= date - days * DAY].groupby("customer_id")
        known[f"orders_{days}"] = recent.size()
        known[f"spent_{days}"] = recent["net_amount"].sum()
        seen = events[
            (events["occurred_at"] < date)
            & (events["occurred_at"] >= date - days * DAY)
        ]
        counted = seen.groupby(["customer_id", "event_type"]).size().unstack()
        for kind in ("view", "add_to_cart"):
            known[f"{kind}_{days}"] = counted.get(kind)
    known["gap"] = known["tenure"] / known["frequency"].clip(lower=2)
    known = known.fillna(0)
    return known.assign(
        snapshot_date=date, has_ordered=known.index.isin(later["customer_id"])
    ).reset_index()


def propensity(
    tables: Tables, orders: pd.DataFrame, last: pd.Timestamp
) -> dict[str, pd.DataFrame]:
    """Judge three classifiers on the last closed snapshot and score everybody."""
    ends = [last + DAY - number * SNAPSHOT_DAYS * DAY for number in range(SNAPSHOTS)]
    events = tables["events"]
    frames = [snapshot(orders, events, date) for date in sorted(ends)]
    serving, test = frames[-1], frames[-2]
    past = pd.concat(frames[:-2])
    past = past.sample(min(LEARNING_ROWS, len(past)), random_state=SEED)
    target = ["customer_id", "snapshot_date", "has_ordered"]
    models = {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
        "forest": RandomForestClassifier(
            200, min_samples_leaf=20, random_state=SEED, n_jobs=-1
        ),
        "boosting": HistGradientBoostingClassifier(random_state=SEED),
    }
    rows, scores = [], {}
    for name, model in models.items():
        model.fit(past.drop(columns=target), past["has_ordered"])
        guess = model.predict_proba(test.drop(columns=target))[:, 1]
        truth = test["has_ordered"]
        rows.append(
            (
                name,
                roc_auc_score(truth, guess),
                log_loss(truth, guess),
                brier_score_loss(truth, guess),
            )
        )
        scores[name] = model.predict_proba(serving.drop(columns=target))[:, 1]
    metrics = pd.DataFrame(rows, columns=["model", "auc", "log_loss", "brier"])
    best = metrics.sort_values("log_loss")["model"].iloc[0]
    return {
        "propensity_metrics": metrics,
        "customer_propensity": serving[["customer_id"]].assign(
            model=best, probability=scores[best]
        ),
    }


def next_order(orders: pd.DataFrame) -> pd.DataFrame:
    """Return the days until each customer's next order, by linear regression."""
    ordered = orders.sort_values(["customer_id", "ordered_at"])
    by_customer = ordered.groupby("customer_id")
    gap = by_customer["ordered_at"].diff().dt.days
    known = pd.DataFrame(
        {
            "customer_id": ordered["customer_id"],
            "place": by_customer.cumcount() + 1,
            "last_gap": np.log1p(gap),
            "amount": np.log1p(ordered["net_amount"].clip(lower=0)),
            "next_gap": np.log1p(gap.groupby(ordered["customer_id"]).shift(-1)),
        }
    ).fillna({"last_gap": 0})
    columns = ["place", "last_gap", "amount"]
    learnt = known.dropna(subset=["next_gap"])
    model = LinearRegression().fit(learnt[columns], learnt["next_gap"])
    latest = known.groupby("customer_id").tail(1)
    return latest[["customer_id"]].assign(
        expected_gap_days=np.expm1(model.predict(latest[columns]))
    )


def funnel(tables: Tables, orders: pd.DataFrame) -> pd.DataFrame:
    """Return how many customers get through each step within the limit."""
    events = tables["events"]
    reached = None
    rows = []
    for step in FUNNEL:
        if step == "order":
            done = orders[["customer_id", "ordered_at"]].set_axis(
                ["customer_id", "at"], axis=1
            )
        else:
            done = events.loc[
                events["event_type"] == step, ["customer_id", "occurred_at"]
            ].set_axis(["customer_id", "at"], axis=1)
        if reached is not None:
            done = done.merge(reached, on="customer_id", suffixes=("", "_before"))
            wait = done["at"] - done["at_before"]
            done = done[(wait >= pd.Timedelta(0)) & (wait <= FUNNEL_LIMIT)]
        reached = done.groupby("customer_id", as_index=False)["at"].min()
        rows.append((step, len(reached)))
    return pd.DataFrame(rows, columns=["step", "reached_count"])


def transitions(tables: Tables) -> pd.DataFrame:
    """Count what follows what within a session."""
    events = tables["events"]
    following = events.groupby("session")["event_type"].shift(-1).fillna("(exit)")
    pairs = events.assign(next_type=following)
    return pairs.groupby(["event_type", "next_type"]).size().reset_index(name="count")


def run(folder: Path, output: Path) -> dict[str, pd.DataFrame]:
    """Return all outputs; write down when each step began and ended, epoch seconds."""
    steps: dict[str, tuple[float, float]] = {}

    def timed(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        begin = time.time()
        result = function(*arguments)
        steps[name] = (begin, time.time())
        (output / "steps.json").write_text(json.dumps(steps), encoding="utf-8")
        return result

    tables = timed("cleaning", clean, folder)
    last = last_date(tables)
    orders = timed("orders", sold_orders, tables)
    outputs = {"rfm": timed("RFM", rfm, tables)}
    outputs["cohorts"] = timed("cohorts", cohorts, orders)
    outputs["segments"] = timed("k-means", segments, outputs["rfm"])
    outputs["clusterings"] = timed("other clusterings", clusterings, outputs["rfm"])
    outputs["lifetime_value"] = timed("lifetime value", lifetime_value, orders, last)
    outputs |= timed("propensity", propensity, tables, orders, last)
    outputs["next_order"] = timed("next order", next_order, orders)
    outputs["funnel"] = timed("funnel", funnel, tables, orders)
    outputs["transitions"] = timed("transitions", transitions, tables)
    return outputs


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.customer_script")
    parser.add_argument("input", type=Path, help="a folder of Parquet files")
    parser.add_argument("output", type=Path, help="where the results go")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    outputs = run(options.input, options.output)
    for name, table in outputs.items():
        table.to_parquet(options.output / f"{name}.parquet")


if __name__ == "__main__":
    main()
