"""Shops at the edge of what is one: they build, and their numbers hold."""

HEADER = "order_id,ordered_at,customer_id,product_id,quantity,unit_price"
MARTS_OF_ONE = {
    "audience_members": 1,
    "customer_360": 1,
    "customer_lifetime_value": 1,
    "customer_propensity": 1,
    "customer_next_order": 1,
    "daily_sales": 1,
    "product_performance": 1,
    "customer_rfm": 1,
    # The only month is not over.
    "customer_rfm_history": 0,
    "rfm_migrations": 0,
    "cohort_retention": 0,
    "customer_segments": 1,
    "segment_profiles": 1,
    # Nothing tells a single customer apart: only RFM has a segment.
    "customer_clusterings": 1,
    "customer_components": 0,
    "segment_agreement": 0,
    "segment_dendrogram": 0,
    "segment_descriptions": 1,
    "segment_drift": 1,
    "segment_solutions": 1,
    "segment_traits": 0,
    "similar_products": 0,
    "similar_customers": 0,
    "experiment_results": 0,
    "experiment_health": 0,
    "channel_performance": 0,
    # Both steps from the only order to the next, of all and by three dimensions; no
    # funnel that begins with a view.
    "funnel_results": 8,
    "funnel_durations": 0,
    "path_transitions": 0,
}


def test_one_customer_one_product_no_optional_table(shop):
    content = f"{HEADER}\n1,2024-01-05 10:00:00,Zoë,thé,2,3.50\n"
    shop.write("order_lines.csv", content.encode("latin-1"))
    exit_code, output = shop.build("--vars", "csv_encoding: latin-1")
    assert exit_code == 0, output
    assert shop.query("select customer_id from customers") == [("Zoë",)]
    counts = {
        name: shop.query(f"select count(*) from {name}")[0][0] for name in MARTS_OF_ONE
    }
    assert counts == MARTS_OF_ONE
    assert shop.query("select net_amount from daily_sales")[0][0] == 7
    # The only product there is belongs to the only customer: nothing is left to offer.
    assert shop.query("select count(*) from customer_recommendations") == [(0,)]


def test_header_without_rows(shop):
    shop.orders()
    exit_code, output = shop.build()
    assert exit_code == 0, output
    assert shop.query("select count(*) from daily_sales") == [(0,)]
    assert shop.query("select bool_and(is_reconciled) from input_reconciliation") == [
        (True,)
    ]


def test_customer_with_a_million_lines(shop):
    shop.write_parquet(
        "order_lines.parquet",
        """
        select
            'order ' || (i // 50) as order_id,
            timestamp '2023-01-01' + interval (i // 50) minute as ordered_at,
            cast(12346 as double) as customer_id,
            'product ' || (i * 7919 % 3000) as product_id,
            1 + i % 5 as quantity,
            2.5 as unit_price
        from range(1000000) as lines (i)
        union all
        select
            'small ' || i as order_id,
            timestamp '2023-01-02' as ordered_at,
            cast(i // 3 as double) as customer_id,
            'product ' || (i % 40) as product_id,
            1 as quantity,
            2.5 as unit_price
        from range(300) as lines (i)
        """,
    )
    exit_code, output = shop.build()
    assert exit_code == 0, output
    assert shop.query(
        "select frequency from customer_rfm where customer_id = '12346'"
    ) == [(20_000,)]
    assert shop.query("select count(*) from customer_segments") == [(101,)]
