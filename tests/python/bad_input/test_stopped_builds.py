"""What can never be read stops the build with one message that says what and where."""

HEADER = "order_id,ordered_at,customer_id,product_id,quantity,unit_price"
GOOD_LINE = "1,2024-01-05 10:00:00,ann,tea,2,3.50"


def refused(shop, *expected):
    exit_code, output = shop.build("--select", "raw_order_lines")
    assert exit_code == 1, output
    assert "Traceback" not in output
    for text in expected:
        assert output.count(text) == 1, output
    assert not shop.published.exists()


def test_missing_required_table(shop):
    shop.write("products.csv", "product_id\ntea\n")
    refused(shop, "raw_order_lines: expected", "order_lines.csv or .parquet")


def test_missing_required_column(shop):
    shop.write("order_lines.csv", "order_id,ordered_at,product_id,quantity\n1,2,3,4\n")
    refused(
        shop,
        "raw_order_lines.unit_price: expected this column",
        "found only order_id, ordered_at, product_id, quantity",
    )


def test_type_that_can_never_be_a_number(shop):
    shop.write_parquet(
        "order_lines.parquet",
        "select '1' as order_id, date '2024-01-05' as ordered_at, 'tea' as product_id, "
        "timestamp '2024-01-05 10:00:00' as quantity, 3.5 as unit_price",
    )
    refused(
        shop,
        "raw_order_lines.quantity: expected decimal(18, 3), found TIMESTAMP "
        "such as 2024-01-05 10:00:00",
    )


def test_file_without_a_byte(shop):
    shop.write("order_lines.csv", b"")
    refused(shop, "raw_order_lines.order_id: expected this column")


def test_file_that_is_not_parquet(shop):
    shop.write("order_lines.parquet", b"This is no Parquet file.")
    refused(shop, "order_lines.parquet'")


def test_two_files_for_one_table(shop):
    shop.orders(GOOD_LINE)
    shop.write_parquet("order_lines.parquet", "select 1 as order_id")
    refused(shop, "raw_order_lines: expected one place to read from, found")


def test_latin_1_bytes_without_their_encoding(shop):
    content = f"{HEADER}\n1,2024-01-05,Zoë,thé,2,3"
    shop.write("order_lines.csv", content.encode("latin-1"))
    refused(shop, "not utf-8 encoded")
