"""What is recommended, and why, against the files."""


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
