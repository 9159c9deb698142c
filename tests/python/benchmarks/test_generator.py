"""The synthetic shop is reproducible and clean, and pandas gets mercato's numbers."""

import hashlib
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from benchmarks import baseline_pandas
from benchmarks.generate import TABLES, Sizes, generate

SCALE = 0.05


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    generate(folder, SCALE)
    return folder


@pytest.fixture(scope="module")
def built(builder, shop: Path, tmp_path_factory: pytest.TempPathFactory):
    file = builder.build(
        tmp_path_factory.mktemp("built"),
        input=str(shop),
        evaluation_days=baseline_pandas.EVALUATION_DAYS,
        interaction_half_life_days=baseline_pandas.HALF_LIFE_DAYS,
    )
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def expected(shop: Path) -> dict[str, pd.DataFrame]:
    return baseline_pandas.run(shop)[0]


def test_equal_sizes_give_equal_bytes(shop, tmp_path):
    generate(tmp_path, SCALE, threads=1)

    for table in TABLES:
        digests = {
            hashlib.sha256((folder / f"{table}.parquet").read_bytes()).hexdigest()
            for folder in (shop, tmp_path)
        }
        assert len(digests) == 1, table


def test_a_shop_has_the_sizes_that_it_was_asked_for(shop):
    sizes = Sizes.of(SCALE)

    counts = {
        table: duckdb.sql(f"select count(*) from '{shop}/{table}.parquet'").fetchone()
        for table in ("order_lines", "events", "customers", "products")
    }

    assert counts == {
        "order_lines": (sizes.order_line_count,),
        "events": (sizes.event_count,),
        "customers": (sizes.customer_count,),
        "products": (sizes.product_count,),
    }


@pytest.mark.parametrize("scale", [0, 0.001, 1001, float("nan")])
def test_a_scale_out_of_range_is_refused(scale):
    with pytest.raises(ValueError, match=r"scale == .*, must be >= 0.01 and <= 1000"):
        Sizes.of(scale)


def test_few_customers_and_products_make_most_of_the_sales(shop):
    shares = duckdb.sql(
        f"""
        with sold as (
            select customer_id, count(*) as line_count
            from '{shop}/order_lines.parquet'
            where customer_id is not null
            group by customer_id
        ),
        ranked as (
            select *, ntile(5) over (order by line_count desc, customer_id) as fifth
            from sold
        )
        select
            sum(line_count) filter (where fifth = 1) / sum(line_count),
            sum(line_count) filter (where fifth = 5) / sum(line_count)
        from ranked
        """
    ).fetchone()

    assert shares[0] > 0.4
    assert shares[1] < 0.1


def test_cancellations_take_back_an_earlier_order(shop):
    unmatched = duckdb.sql(
        f"""
        select count(*)
        from '{shop}/order_lines.parquet' as cancelled
        where
            is_cancelled
            and not exists (
                select 1 from '{shop}/order_lines.parquet' as sold
                where
                    sold.product_id = cancelled.product_id
                    and sold.quantity = -cancelled.quantity
                    and sold.customer_id is not distinct from cancelled.customer_id
                    and sold.ordered_at::date <= cancelled.ordered_at::date
            )
        """
    ).fetchone()

    assert unmatched == (0,)


def test_only_planted_rows_are_refused(built):
    reconciled = built.sql(
        """
        select table_name, duplicate_count, quarantined_count
        from input_reconciliation
        where duplicate_count > 0 or quarantined_count > 0
        order by table_name
        """
    ).fetchall()
    reasons = built.sql("select distinct rejection_reasons from quarantined_rows")

    # of 5,000 order lines and 15,000 events
    assert reconciled == [("events", 15, 3), ("order_lines", 5, 3)]
    assert sorted(reasons.fetchall()) == [
        ("event_type_missing",),
        ("unit_price_not_positive",),
    ]


def test_daily_sales_are_those_of_pandas(built, expected):
    columns = "order_date, quantity, gross_amount, net_amount, order_count"
    found = built.sql(
        f"select {columns}, customer_count from daily_sales order by order_date"
    ).df()

    assert len(found) == len(expected["daily_sales"])
    for column in found.columns[1:]:
        assert found[column].to_numpy(dtype=float) == pytest.approx(
            expected["daily_sales"][column].to_numpy(dtype=float), abs=0.001
        ), column


def test_rfm_is_that_of_pandas(built, expected):
    columns = list(expected["customer_rfm"].columns)
    found = built.sql(
        f"select {', '.join(columns)} from customer_rfm order by customer_id"
    ).df()

    reference = expected["customer_rfm"].sort_values("customer_id")
    assert found["customer_id"].tolist() == reference["customer_id"].tolist()
    for column in columns[1:]:
        assert found[column].to_numpy(dtype=float) == pytest.approx(
            reference[column].to_numpy(dtype=float), abs=0.001
        ), column


def test_product_performance_is_that_of_pandas(built, expected):
    reference = expected["product_performance"].sort_values("product_id")
    columns = [
        column
        for column in reference.columns
        if column.endswith("_count") or column == "net_amount"
    ]
    found = built.sql(
        f"select {', '.join(columns)} from product_performance order by product_id"
    ).df()

    for column in columns:
        assert found[column].to_numpy(dtype=float) == pytest.approx(
            reference[column].to_numpy(dtype=float), abs=0.001
        ), column


def test_experiment_results_are_those_of_scipy(built, expected):
    found = built.sql(
        """
        select experiment_id, metric_id, statistic
        from experiment_results
        where
            comparison = 'all variants'
            and method in ('chi_square', 'chi_square_monte_carlo')
            and segment_dimension = 'all'
            and metric_id in ('add_to_cart_7d', 'order_7d')
        order by experiment_id, metric_id
        """
    ).fetchall()
    reference = expected["experiment_results"].set_index(["experiment_id", "metric_id"])

    assert found
    for experiment, metric, statistic in found:
        assert statistic == pytest.approx(
            reference.loc[(experiment, metric), "statistic"], abs=1e-6
        )


def test_similar_products_are_those_of_scikit_learn(built, expected):
    best = built.sql(
        """
        with wanted as (
            select distinct product_id from feat_customer_product__signals
        ),

        -- pandas numbers those that somebody wants, not the whole catalogue
        places as (
            select product_id, row_number() over (order by product_id) - 1 as place
            from wanted
        )

        select places.place, similarities.similarity_score
        from py_product_similarities_knn as similarities
        inner join places on similarities.product_id = places.product_id
        where similarities.metric = 'cosine' and similarities.similarity_rank = 1
        """
    ).fetchall()
    reference = expected["similar_products"].groupby("product")["cosine"].max()

    assert dict(best) == pytest.approx(reference.to_dict(), abs=1e-5)


def test_popularity_scores_on_the_holdout_are_those_of_pandas(built, expected):
    found = built.sql(
        """
        select metric_name, metric_value
        from recommendation_metrics
        where
            model_name = 'popularity_decayed'
            and window_name = 'test'
            and slice_name = 'all'
            and metric_name in ('precision', 'recall', 'ndcg')
            and cutoff = 10
        """
    ).fetchall()
    reference = expected["recommendation_metrics"]
    reference = reference[reference["model_name"] == "popularity_decayed"]

    # equally popular products may change places, as mercato rounds weights
    assert dict(found) == pytest.approx(
        dict(zip(reference["metric_name"], reference["metric_value"], strict=True)),
        abs=1e-4,
    )
