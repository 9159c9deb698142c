"""What is recommended, and why, against the files."""

import pytest


def test_nobody_is_recommended_what_the_file_says_they_bought(warehouse, lines):
    bought = lines[~lines["is_cancelled"] & (lines["customer_id"] != "")]
    owned = set(zip(bought["customer_id"], bought["product_id"], strict=True))
    recommended = warehouse.execute(
        "select customer_id, product_id from customer_recommendations"
    ).fetchall()
    assert owned
    assert not owned & set(recommended)


def test_everybody_of_the_files_is_recommended_ten_products(
    warehouse, raw_lines, events
):
    counts = dict(
        warehouse.execute(
            "select customer_id, count(*) from customer_recommendations group by all"
        ).fetchall()
    )
    named = {*raw_lines["customer_id"], *events["customer_id"]} - {""}
    assert named <= counts.keys()
    assert set(counts.values()) == {10}


def test_reasons_name_a_product_of_the_customer(warehouse):
    strangers = warehouse.execute(
        """
        select recommendations.*
        from customer_recommendations as recommendations
        where
            reason_product_id is not null
            and not exists (
                select 1 from feat_customer_product__signals as signals
                where
                    signals.customer_id = recommendations.customer_id
                    and signals.product_id = recommendations.reason_product_id
                    and (
                        signals.interaction_type = 'order'
                        or reason like '%looked at%'
                    )
            )
        """
    ).fetchall()
    assert strangers == []


def test_products_that_go_together_are_counted_in_the_file(warehouse, lines):
    """Orders with both, and how many more than chance would make, of one product."""
    sales = lines[~lines["is_cancelled"]]
    kinds = dict(
        warehouse.execute("select product_id, product_kind from products").fetchall()
    )
    sales = sales[sales["product_id"].map(kinds) == "product"]
    baskets = sales.groupby("order_id")["product_id"].agg(set)
    baskets = baskets[baskets.map(len).between(2, 100)]
    product = sales["product_id"].value_counts().index[0]
    found = warehouse.execute(
        """
        select
            recommended_product_id, common_count, product_count, recommended_count,
            score
        from product_recommendations
        where
            product_id = ?
            and recommendation_type = 'goes_with'
            and ladder_step = 1
        """,
        [product],
    ).fetchall()
    assert found
    has_product = baskets.map(lambda basket: product in basket)
    for other, *counts, score in found:
        has_other = baskets.map(lambda basket, other=other: other in basket)
        both = (has_product & has_other).sum()
        assert counts == [both, has_product.sum(), has_other.sum()]
        expected = has_product.sum() * has_other.sum() / len(baskets)
        assert score == pytest.approx((both + 5) / (expected + 5), abs=1e-8)


def test_every_product_has_ten_of_each_type(warehouse):
    lengths = warehouse.execute(
        """
        select recommendation_type, count(distinct product_id), min(length), max(length)
        from (
            select recommendation_type, product_id, count(*) as length
            from product_recommendations
            group by all
        )
        group by all
        """
    ).fetchall()
    (product_count,) = warehouse.execute(
        "select count(*) from products where product_kind = 'product'"
    ).fetchone()
    assert len(lengths) == 4
    assert {row[1:] for row in lengths} == {(product_count, 10, 10)}
