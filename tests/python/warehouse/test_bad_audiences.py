"""Every condition of an audience that makes no sense has one message."""

import csv
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]
COLUMNS = ("audience_id", "column_name", "operator", "value")
PAGE = ROOT / "docs" / "capabilities" / "audiences.md"


@pytest.fixture(scope="module")
def check(compiled_check):
    return compiled_check("audience_conditions_make_sense")


def problems(check, conditions, tmp_path, audiences=("good", "bad")):
    """What the check says of conditions, rows of audience_conditions."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create table audiences (audience_id varchar)")
        warehouse.execute(
            f"create table audience_conditions ({' varchar, '.join(COLUMNS)} varchar)"
        )
        warehouse.executemany(
            "insert into audiences values (?)", [[audience] for audience in audiences]
        )
        warehouse.executemany(
            "insert into audience_conditions values (?, ?, ?, ?)", conditions
        )
        return sorted(warehouse.sql(check).fetchall())


GOOD = [
    ("good", "country", "in", "France|Spain"),
    ("good", "order_count", ">=", "2"),
    ("good", "last_order_date", "<", "2011-12-31"),
    ("good", "is_anonymous", "=", "false"),
    ("good", "probability_alive", "is not empty", None),
]


@pytest.mark.parametrize(
    ("column", "operator", "value", "problem"),
    [
        ("price", "=", "1", "customer_360 has no column price"),
        (None, "=", "1", "customer_360 has no column (empty)"),
        ("order_count", "like", "1", "operator is not known: like"),
        ("order_count", None, "1", "operator is not known: (empty)"),
        ("order_count", ">", None, "value is missing"),
        ("order_count", "is empty", "0", "value must be empty for is empty"),
        ("order_count", "in", "1|2", "in is for texts only"),
        ("country", ">", "France", "> is for numbers and dates only"),
        ("is_anonymous", "<=", "true", "<= is for numbers and dates only"),
        ("order_count", ">", "many", "value is no number: many"),
        (
            "last_order_date",
            ">",
            "31.12.2011",
            "value is no date such as 2024-12-31: 31.12.2011",
        ),
        (
            "last_seen_at",
            ">",
            "2011-12",
            "value is no date such as 2024-12-31: 2011-12",
        ),
        ("is_anonymous", "=", "no", "value must be true or false: no"),
    ],
)
def test_bad_condition_has_one_message(
    check, column, operator, value, problem, tmp_path
):
    conditions = [*GOOD, ("bad", column, operator, value)]
    assert problems(check, conditions, tmp_path) == [("bad", column, problem)]


def test_audiences_and_conditions_belong_together(check, tmp_path):
    conditions = [*GOOD, ("other", "country", "=", "France")]
    assert problems(check, conditions, tmp_path) == [
        ("bad", None, "no condition in audience_conditions"),
        ("other", "country", "audience_id is not in audiences"),
    ]


def test_conditions_of_the_docs_make_sense(check, tmp_path):
    example = PAGE.read_text(encoding="utf-8").split("```csv\n")[1].split("```")[0]
    rows = list(csv.DictReader(example.splitlines()))
    conditions = [tuple(row[column] for column in COLUMNS) for row in rows]
    names = sorted({row["audience_id"] for row in rows})
    assert len(conditions) == 4
    assert problems(check, conditions, tmp_path, names) == []
