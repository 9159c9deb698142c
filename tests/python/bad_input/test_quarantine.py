"""Rows that break the contract are kept with their reasons; the rest is built."""

import json

MESSY_LINES = {
    "too_few": ("abc", "3.50", "quantity_not_a_number"),
    "nothing": ("0", "3.50", "quantity_zero"),
    "below_zero": ("-1", "3.50", "quantity_negative"),
    "gift": ("1", "0", "unit_price_not_positive"),
    "paid_to_take": ("1", "-2", "unit_price_not_positive"),
    "nan_price": ("1", "nan", "unit_price_not_a_number"),
    "huge": ("99999999999", "1", "quantity_out_of_range"),
}
HEADER = (
    "order_id,line_number,ordered_at,customer_id,product_id,"
    "quantity,unit_price,currency"
)


def line(order_id, quantity="1", unit_price="2.50", **changes):
    columns = {
        "order_id": order_id,
        "line_number": "",
        "ordered_at": "2024-01-05 10:00:00",
        "customer_id": "ann",
        "product_id": "tea",
        "quantity": quantity,
        "unit_price": unit_price,
        "currency": "EUR",
        **changes,
    }
    return ",".join(columns.values())


def messy_lines():
    yield from (
        line(order_id, quantity, price)
        for order_id, (quantity, price, _) in MESSY_LINES.items()
    )
    yield line("future", ordered_at="2999-01-01 00:00:00")
    yield line("ancient", ordered_at="1980-01-01 00:00:00")
    yield line("no_time", ordered_at="yesterday")
    yield line("dollars", currency="USD")
    yield line("no_product", product_id="nan")
    yield line("")
    yield line("contradiction", line_number="1")
    yield line("contradiction", line_number="1", quantity="7")
    yield line("twice", line_number="1")
    yield line("twice", line_number="1")
    yield line("abroad", ordered_at="2024-01-05T23:30:00-05:00")
    yield line("guest", customer_id="nan")
    yield line("drop", customer_id='"\'; drop table orders; --"')
    yield line("東京", customer_id="مريم", product_id="Чай %_\\")
    yield line("broken_line", customer_id='"two\r\nlines"')


def test_messy_shop_is_built_and_nothing_is_lost(shop):
    lines = list(messy_lines())
    content = "\ufeff" + "\r\n".join([HEADER, *lines]) + "\r\n"
    shop.write("order_lines.csv", content)
    tea = 'Чай %_\\,"Чай ""Юность"" 茶"'
    shop.write("products.csv", f"product_id,product_name\r\n{tea}\r\n")
    exit_code, output = shop.build()
    assert exit_code == 0, output

    reasons = {}
    for row, rejection in shop.query(
        "select given_row, rejection_reasons from quarantined_rows"
    ):
        reasons.setdefault(json.loads(row)["order_id"], []).append(rejection)
    assert reasons == {
        **{order_id: [reason] for order_id, (*_, reason) in MESSY_LINES.items()},
        "future": ["ordered_at_after_as_of_date"],
        "ancient": ["ordered_at_before_1990"],
        "no_time": ["ordered_at_not_a_timestamp"],
        "dollars": ["currency_not_reported"],
        "no_product": ["product_id_missing"],
        None: ["order_id_missing"],
        "contradiction": ["same_key_other_content"] * 2,
    }
    assert shop.query(
        "select raw_count, accepted_count, duplicate_count, quarantined_count "
        "from input_reconciliation where table_name = 'order_lines'"
    ) == [(len(lines), 6, 1, len(lines) - 7)]

    orders = dict(shop.query("select order_id, customer_id from orders"))
    assert orders == {
        "twice": "ann",
        "abroad": "ann",
        "guest": None,
        "drop": "'; drop table orders; --",
        "東京": "مريم",
        "broken_line": "two\r\nlines",
    }
    abroad = "select cast(ordered_at as string) from orders where order_id = 'abroad'"
    assert shop.query(abroad) == [("2024-01-06 04:30:00",)]
    assert shop.query(
        "select product_text from feat_product__text where product_id like 'Ч%'"
    ) == [("чай юность 茶",)]
    scored = "select sum(broken_count) from data_quality_scorecard"
    assert shop.query(scored) == [(len(lines) - 7,)]


def test_failing_input_leaves_the_last_good_warehouse(shop):
    shop.orders("1,2024-01-05 10:00:00,ann,tea,2,3.50")
    exit_code, output = shop.build()
    assert exit_code == 0, output
    before = shop.published.read_bytes()
    shop.write("order_lines.csv", "order_id\n1\n")
    exit_code, output = shop.build()
    assert exit_code == 1
    assert "raw_order_lines.ordered_at: expected this column" in output
    assert shop.published.read_bytes() == before
