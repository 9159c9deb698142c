"""The same outputs as an analyst would make them with pandas and scikit-learn.

Plain, vectorised use of both libraries, not written to be slow: the yardstick that a
build is measured against, and an independent check of the SQL. Run it with
`python -m benchmarks.baseline_pandas INPUT OUTPUT`.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
from scipy.stats import chi2_contingency
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler, normalize

WEIGHTS = {"order": 1.0, "add_to_cart": 0.4, "view": 0.1}
HALF_LIFE_DAYS = 120
EVALUATION_DAYS = 90
CONVERSION_WINDOW = pd.Timedelta(days=7)
SESSION_GAP = pd.Timedelta(minutes=30)
FACTORS = 64
TOP_N = 10
NEIGHBOURS = 20
SHRINKAGE = 10
DAY = pd.Timedelta(days=1)

Tables = dict[str, pd.DataFrame]


def clean(folder: Path) -> Tables:
    """Read, deduplicate, drop bad rows and find out who each visitor is."""
    names = ("order_lines", "events", "experiments", "experiment_exposures", "products")
    tables = {
        name: pd.read_parquet(folder / f"{name}.parquet").drop_duplicates()
        for name in names
    }
    lines, events = tables["order_lines"], tables["events"]
    lines = lines[lines["unit_price"].astype(float) > 0]
    events = events[events["event_type"].notna()]
    exposures = tables["experiment_exposures"]
    merged = _merged_customers([lines, events, exposures])
    lines = lines.assign(customer_id=_resolved(lines, merged))
    sign = np.where(lines["is_cancelled"], -1, 1)
    units = lines["quantity"].abs()
    gross = (units * lines["unit_price"].astype(float)).round(2)
    discount = lines["discount_amount"].astype(float)
    tables["order_lines"] = lines.assign(
        quantity=units * sign,
        gross_amount=np.where(lines["is_cancelled"], 0, gross),
        net_amount=(gross - discount) * sign,
        order_date=lines["ordered_at"].dt.normalize(),
    )
    events = events.assign(customer_id=_resolved(events, merged))
    tables["events"] = _with_sessions(events)
    tables["experiment_exposures"] = exposures.assign(
        customer_id=_resolved(exposures, merged)
    )
    return tables


def _merged_customers(sources: list[pd.DataFrame]) -> pd.Series:
    pairs = pd.concat([rows[["anonymous_id", "customer_id"]] for rows in sources])
    pairs = pairs.dropna().drop_duplicates()
    return pairs.drop_duplicates("anonymous_id", keep=False).set_index("anonymous_id")[
        "customer_id"
    ]


def _resolved(rows: pd.DataFrame, merged: pd.Series) -> pd.Series:
    known = rows["customer_id"].fillna(rows["anonymous_id"].map(merged))
    return known.fillna("anonymous:" + rows["anonymous_id"])


def _with_sessions(events: pd.DataFrame) -> pd.DataFrame:
    events = events.sort_values(["customer_id", "occurred_at", "event_id"])
    is_start = (events["customer_id"] != events["customer_id"].shift()) | (
        events["occurred_at"].diff() > SESSION_GAP
    )
    return events.assign(session=is_start.cumsum())


def last_date(tables: Tables) -> pd.Timestamp:
    latest = max(
        tables["order_lines"]["ordered_at"].max(), tables["events"]["occurred_at"].max()
    )
    return latest.normalize()


def daily_sales(tables: Tables) -> pd.DataFrame:
    lines = tables["order_lines"]
    sums = lines.groupby("order_date")[["quantity", "gross_amount", "net_amount"]].sum()
    sold = lines[~lines["is_cancelled"]].groupby("order_date")
    sums["order_count"] = sold["order_id"].nunique()
    sums["customer_count"] = sold["customer_id"].nunique()
    days = pd.date_range(sums.index.min(), last_date(tables), name="order_date")
    return sums.reindex(days).fillna(0).reset_index()


def product_performance(tables: Tables) -> pd.DataFrame:
    lines, events = tables["order_lines"], tables["events"]
    sold = lines[~lines["is_cancelled"]].groupby("product_id")
    looked = events.dropna(subset=["product_id"]).assign(
        is_view=events["event_type"] == "view",
        is_cart=events["event_type"] == "add_to_cart",
    )
    visits = looked.groupby(["product_id", "session"])[["is_view", "is_cart"]].any()
    visits["is_both"] = visits["is_view"] & visits["is_cart"]
    by_product = visits.groupby("product_id").sum()
    result = tables["products"].set_index("product_id")[["category"]]
    result = result.assign(
        order_count=sold["order_id"].nunique(),
        customer_count=sold["customer_id"].nunique(),
        net_amount=lines.groupby("product_id")["net_amount"].sum(),
        view_session_count=by_product["is_view"],
        add_to_cart_session_count=by_product["is_both"],
    )
    return result.fillna(0).reset_index()


def rfm(tables: Tables) -> pd.DataFrame:
    orders = (
        tables["order_lines"]
        .groupby("order_id")
        .agg(
            customer_id=("customer_id", "min"),
            is_cancelled=("is_cancelled", "all"),
            net_amount=("net_amount", "sum"),
            order_date=("order_date", "min"),
        )
    )
    sold = orders[~orders["is_cancelled"]].groupby("customer_id")
    result = pd.DataFrame(
        {
            "recency_days": (last_date(tables) - sold["order_date"].max()).dt.days,
            "frequency": sold.size(),
        }
    )
    spent = orders.groupby("customer_id")["net_amount"].sum().round(2)
    result["monetary_amount"] = spent.reindex(result.index)
    for measure, column in zip(
        ("recency", "frequency", "monetary"), result.columns[:3], strict=True
    ):
        bounds = np.quantile(result[column], [0.2, 0.4, 0.6, 0.8])
        above = np.searchsorted(bounds, result[column], side="left")
        result[f"{measure}_score"] = 5 - above if measure == "recency" else 1 + above
    return result.reset_index()


def segments(rfm_table: pd.DataFrame) -> pd.DataFrame:
    """Cluster customers by k-means, with the k between 3 and 8 of best silhouette."""
    columns = ["recency_days", "frequency", "monetary_amount"]
    points = np.log1p(rfm_table[columns].clip(lower=0).to_numpy(dtype=float))
    points = StandardScaler().fit_transform(points)
    best, labels = -1.0, np.zeros(len(points), dtype=int)
    for count in range(3, 9):
        fitted = KMeans(count, n_init=10, random_state=0).fit(points)
        sample = min(5_000, len(points))
        score = silhouette_score(
            points, fitted.labels_, sample_size=sample, random_state=0
        )
        if score > best:
            best, labels = score, fitted.labels_
    return rfm_table[["customer_id"]].assign(segment=labels)


def signals(tables: Tables) -> pd.DataFrame:
    """Return the days on which a customer showed interest in a product, and how."""
    lines, events = tables["order_lines"], tables["events"]
    bought = lines[~lines["is_cancelled"]].assign(kind="order", day=lines["order_date"])
    looked = events.assign(
        kind=events["event_type"], day=events["occurred_at"].dt.normalize()
    )
    columns = ["customer_id", "product_id", "kind", "day"]
    found = pd.concat([bought[columns], looked[columns]]).dropna()
    found = found[found["kind"].isin(WEIGHTS)].drop_duplicates()
    found["customer"], _ = pd.factorize(found["customer_id"], sort=True)
    found["product"], _ = pd.factorize(found["product_id"], sort=True)
    return found


def interactions(found: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    seen = found[found["day"] < until]
    age = (until - seen["day"]).dt.days
    weight = seen["kind"].map(WEIGHTS) * 0.5 ** (age / HALF_LIFE_DAYS)
    seen = seen.assign(weight=weight, is_owned=seen["kind"] == "order")
    grouped = seen.groupby(["customer", "product"])
    return grouped.agg(
        weight=("weight", "sum"), is_owned=("is_owned", "max")
    ).reset_index()


def as_matrix(pairs: pd.DataFrame, values: Any, shape: tuple[int, int]) -> Any:
    return scipy.sparse.csr_matrix(
        (values, (pairs["customer"], pairs["product"])), shape
    )


def similar_products(matrix: scipy.sparse.csr_matrix) -> pd.DataFrame:
    units = normalize(matrix.T.tocsr())
    cosines = (units @ units.T).tocsr()
    bought = (matrix.T > 0).astype(np.float64).tocsr()
    common = (bought @ bought.T).tocsr()
    cosines.sort_indices()
    common.sort_indices()
    cosines.data *= common.data / (common.data + SHRINKAGE)
    cosines.setdiag(0)
    parts = []
    for product in range(cosines.shape[0]):
        row = slice(cosines.indptr[product], cosines.indptr[product + 1])
        others, scores = cosines.indices[row], cosines.data[row]
        best = np.lexsort((others, -scores))[:NEIGHBOURS]
        best = best[scores[best] > 0]
        parts.append((np.full(len(best), product), others[best], scores[best]))
    columns = ("product", "neighbour", "cosine")
    arrays = map(np.concatenate, zip(*parts, strict=True))
    return pd.DataFrame(dict(zip(columns, arrays, strict=True)))


def recommendations(
    matrix: scipy.sparse.csr_matrix, owned: scipy.sparse.csr_matrix
) -> np.ndarray:
    """Return each customer's best new products by a truncated SVD, best first."""
    factors = min(FACTORS, min(matrix.shape) - 1)
    model = TruncatedSVD(factors, random_state=0)
    customers = model.fit_transform(matrix.log1p()).astype(np.float32)
    products = model.components_.astype(np.float32)
    return best_new(lambda rows: customers[rows] @ products, owned)


def best_new(
    scores_of: Callable[[slice], np.ndarray], owned: scipy.sparse.csr_matrix
) -> np.ndarray:
    """Return the TOP_N best products of each row that are not owned, best first."""
    found = []
    for start in range(0, owned.shape[0], 2_000):
        rows = slice(start, min(start + 2_000, owned.shape[0]))
        scores = np.array(scores_of(rows))
        scores[owned[rows].nonzero()] = -np.inf
        top = np.argpartition(-scores, TOP_N, axis=1)[:, :TOP_N]
        order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1)
        found.append(np.take_along_axis(top, order, axis=1))
    return np.concatenate(found)


def recommend(found: pd.DataFrame, last: pd.Timestamp) -> dict[str, Any]:
    """Recommend on all data, and on what was known EVALUATION_DAYS ago."""
    shape = (found["customer"].max() + 1, found["product"].max() + 1)
    results: dict[str, Any] = {}
    for window, until in (
        ("serving", last + DAY),
        ("test", last + DAY - EVALUATION_DAYS * DAY),
    ):
        pairs = interactions(found, until)
        matrix = as_matrix(pairs, pairs["weight"], shape)
        owned_pairs = pairs[pairs["is_owned"]]
        owned = as_matrix(owned_pairs, np.ones(len(owned_pairs)), shape)
        results[window] = {
            "matrix": matrix,
            "owned": owned,
            "known": pairs["customer"].unique(),
            "top": recommendations(matrix, owned),
        }
    return results


def recommendation_metrics(
    found: pd.DataFrame, last: pd.Timestamp, past: dict[str, Any]
) -> pd.DataFrame:
    """Compare the SVD with popularity on what customers bought afterwards."""
    ordered = found[found["kind"] == "order"]
    first = ordered.groupby(["customer", "product"])["day"].min().reset_index()
    later = first[first["day"] >= last + DAY - EVALUATION_DAYS * DAY]
    later = later[later["customer"].isin(past["known"])]
    relevant = later.groupby("customer")["product"].count()
    popularity = np.asarray(past["matrix"].sum(axis=0)).ravel()
    targets = relevant.index.to_numpy()
    owned = past["owned"][targets]
    popular = best_new(
        lambda rows: np.tile(popularity, (rows.stop - rows.start, 1)), owned
    )
    truth = as_matrix(later, np.ones(len(later)), past["matrix"].shape)[targets]
    discounts = 1 / np.log2(np.arange(2, TOP_N + 2))
    ideal = np.cumsum(discounts)[np.minimum(relevant.to_numpy(), TOP_N) - 1]
    rows = []
    for name, top in (("svd", past["top"][targets]), ("popularity_decayed", popular)):
        lines = np.repeat(np.arange(len(top)), TOP_N)
        hits = np.asarray(truth[lines, top.ravel()]).reshape(top.shape)
        rows += [
            (name, "precision", hits.sum(axis=1).mean() / TOP_N),
            (name, "recall", (hits.sum(axis=1) / relevant.to_numpy()).mean()),
            (name, "ndcg", ((hits * discounts).sum(axis=1) / ideal).mean()),
        ]
    return pd.DataFrame(rows, columns=["model_name", "metric_name", "metric_value"])


def experiment_results(tables: Tables) -> pd.DataFrame:
    exposures = tables["experiment_exposures"].sort_values("exposed_at")
    units = exposures.groupby(["experiment_id", "customer_id"]).agg(
        variant=("variant", "first"),
        variant_count=("variant", "nunique"),
        exposed_at=("exposed_at", "first"),
    )
    units = units[units["variant_count"] == 1].reset_index()
    lines, events = tables["order_lines"], tables["events"]
    outcomes = {
        "order_7d": lines[~lines["is_cancelled"]].rename(
            columns={"ordered_at": "happened_at"}
        ),
        "add_to_cart_7d": events[events["event_type"] == "add_to_cart"].rename(
            columns={"occurred_at": "happened_at"}
        ),
    }
    rows = []
    for metric, outcome in outcomes.items():
        met = units.merge(outcome[["customer_id", "happened_at"]], on="customer_id")
        delay = met["happened_at"] - met["exposed_at"]
        met = met[(delay >= pd.Timedelta(0)) & (delay < CONVERSION_WINDOW)]
        keys = ["experiment_id", "variant"]
        converted = met.drop_duplicates(["experiment_id", "customer_id"])
        counts = pd.DataFrame(
            {
                "exposed": units.groupby(keys).size(),
                "converted": converted.groupby(keys).size(),
            }
        ).fillna(0)
        for experiment, arms in counts.groupby(level="experiment_id"):
            if arms["converted"].sum() in (0, arms["exposed"].sum()):
                continue
            table = [arms["converted"], arms["exposed"] - arms["converted"]]
            test = chi2_contingency(np.array(table), correction=False)
            rows.append((experiment, metric, test.statistic, test.pvalue))
    return pd.DataFrame(
        rows, columns=["experiment_id", "metric_id", "statistic", "p_value"]
    )


def run(folder: Path) -> tuple[dict[str, pd.DataFrame], dict[str, float]]:
    """Return all outputs and the seconds that each step took."""
    seconds: dict[str, float] = {}

    def timed(step: str, function: Callable[..., Any], *arguments: Any) -> Any:
        begin = time.perf_counter()
        result = function(*arguments)
        seconds[step] = time.perf_counter() - begin
        print(f"{step}: {seconds[step]:.2f} s", flush=True)
        return result

    tables = timed("cleaning", clean, folder)
    last = last_date(tables)
    outputs = {
        "daily_sales": timed("daily sales", daily_sales, tables),
        "product_performance": timed(
            "product performance", product_performance, tables
        ),
        "customer_rfm": timed("RFM", rfm, tables),
        "experiment_results": timed("experiments", experiment_results, tables),
    }
    outputs["customer_segments"] = timed("segments", segments, outputs["customer_rfm"])
    found = timed("interactions", signals, tables)
    windows = timed("recommendations", recommend, found, last)
    outputs["similar_products"] = timed(
        "similar products", similar_products, windows["serving"]["matrix"]
    )
    outputs["recommendation_metrics"] = timed(
        "evaluation", recommendation_metrics, found, last, windows["test"]
    )
    top = windows["serving"]["top"]
    outputs["customer_recommendations"] = pd.DataFrame(
        {"customer": np.repeat(np.arange(len(top)), TOP_N), "product": top.ravel()}
    )
    return outputs, seconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.baseline_pandas")
    parser.add_argument("input", type=Path, help="a folder of Parquet files")
    parser.add_argument("output", type=Path, help="where the results go")
    options = parser.parse_args()
    outputs, seconds = run(options.input)
    options.output.mkdir(parents=True, exist_ok=True)
    begin = time.perf_counter()
    for name, table in outputs.items():
        table.to_parquet(options.output / f"{name}.parquet")
    seconds["writing"] = time.perf_counter() - begin
    (options.output / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")


if __name__ == "__main__":
    main()
