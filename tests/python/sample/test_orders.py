"""The real part of the sample holds what its README says."""

from datetime import timedelta
from decimal import Decimal

import pytest


def count(sample, table, condition="true", counted="*"):
    query = f"select count({counted}) from {table} where {condition}"
    return sample.execute(query).fetchone()[0]


@pytest.mark.parametrize(
    ("condition", "counted", "expected"),
    [
        ("true", "distinct customer_id", 408),
        ("customer_id is null", "*", 5_444),
        ("customer_id is null", "distinct order_id", 421),
        ("order_id like 'C%'", "*", 641),
        ("order_id like 'C%'", "distinct order_id", 333),
        ("order_id like 'C%' and quantity::int > 0", "*", 0),
        ("quantity::int < 0 and is_cancelled = 'false'", "*", 190),
        ("unit_price::double = 0", "*", 301),
        ("unit_price::double = 0 and customer_id is not null", "*", 2),
        ("unit_price::double < 0", "*", 5),
        ("product_id = 'B'", "*", 6),
        ("unit_price::double = 0.001", "*", 2),
        ("product_id like 'TEST%'", "*", 10),
        ("product_id like 'gift_%'", "*", 2),
        ("product_id like 'TEST%' and customer_id = '12346'", "*", 10),
    ],
)
def test_oddities_of_order_lines(sample, condition, counted, expected):
    assert count(sample, "order_lines", condition, counted) == expected


def test_codes_that_are_no_goods_are_kept(sample):
    codes = (
        "'M', 'POST', 'DOT', 'D', 'S', 'B', 'C2', 'ADJUST', 'AMAZONFEE', "
        "'BANK CHARGES', 'TEST001', 'TEST002', 'gift_0001_60', 'gift_0001_90'"
    )
    condition = f"product_id in ({codes})"
    assert count(sample, "order_lines", condition, "distinct product_id") == 14
    assert count(sample, "order_lines", condition) == 219


def test_some_customers_are_known_only_by_cancellations(sample):
    only_cancelled = """(
        select customer_id from order_lines where customer_id is not null
        group by customer_id having bool_and(is_cancelled = 'true')
    )"""
    assert count(sample, only_cancelled) == 5


def test_the_largest_order_is_taken_back_within_16_minutes(sample):
    lines = sample.execute("""
        select quantity::int * unit_price::decimal(10, 2), ordered_at::timestamp
        from order_lines
        where customer_id = '12346' and abs(quantity::int) = 74215
        order by ordered_at
    """).fetchall()
    (bought, ordered_at), (returned, returned_at) = lines
    assert bought == -returned == Decimal("77183.60")
    assert returned_at - ordered_at == timedelta(minutes=16)


def test_write_offs_have_no_customer_and_no_price(sample):
    write_off = "quantity::int < 0 and is_cancelled = 'false'"
    assert count(sample, "order_lines", f"{write_off} and customer_id is not null") == 0
    assert count(sample, "order_lines", f"{write_off} and unit_price::double != 0") == 0


def test_exact_duplicates_are_kept(sample):
    distinct_lines = "(select distinct * from order_lines)"
    duplicate_count = count(sample, "order_lines") - count(sample, distinct_lines)
    assert duplicate_count == 381


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("order_id", "ordered_at", 4),
        ("customer_id", "country", 1),
        ("upper(product_id)", "product_id", 36),
        ("order_id", "customer_id", 0),
    ],
)
def test_keys_with_two_values(sample, key, value, expected):
    ambiguous = f"""(
        select {key} from order_lines where {value} is not null and {key} is not null
        group by {key} having count(distinct {value}) > 1
    )"""
    assert count(sample, ambiguous) == expected


def test_cancellations_are_those_whose_invoice_starts_with_c(sample):
    differing = "(is_cancelled = 'true') != (order_id like 'C%')"
    assert count(sample, "order_lines", differing) == 0


def test_no_customer_holds_a_seventh_of_the_lines(sample):
    largest = sample.execute("""
        select max(line_count) from (
            select count(*) as line_count from order_lines
            where customer_id is not null group by customer_id
        )
    """).fetchone()[0]
    assert largest < 0.15 * count(sample, "order_lines")


@pytest.mark.parametrize("entity", ["product", "customer"])
def test_every_entity_of_the_lines_has_one_row(sample, entity):
    key = f"{entity}_id"
    listed = sample.execute(f"select {key} from {entity}s order by {key}").fetchall()
    ordered = sample.execute(f"""
        select distinct {key} from order_lines where {key} is not null order by {key}
    """).fetchall()
    assert listed == ordered


def test_product_names_are_raw(sample):
    assert count(sample, "products", "product_name is null") == 32
    assert count(sample, "products", "product_name != trim(product_name)") == 698
