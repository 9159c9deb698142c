"""A tiny shop, written as input files, and warehouses that are built from it."""

import csv
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

Rows = dict[str, list[dict[str, object]]]
LAST_DAY = datetime(2011, 12, 9)
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def tiny_shop() -> Callable[[], Rows]:
    """Give the way to make the rows of each input file, to be changed at will.

    There are 40 customers, 15 products and 300 order lines; every call makes the same.
    """
    return _tiny_shop


@pytest.fixture(scope="session")
def write_shop(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Rows], Path]:
    """Give the way to write rows as an input folder."""
    return lambda rows: _write(rows, tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def compiled_check(builder, tmp_path_factory) -> Callable[[str], str]:
    """Give the SQL of a test by its name, for a database called warehouse."""

    def compiled(name: str) -> str:
        scratch = tmp_path_factory.mktemp("check")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(ROOT)
            patch.setenv("MERCATO_WAREHOUSE", str(scratch / "warehouse.duckdb"))
            result = dbtRunner().invoke(
                [
                    "compile",
                    "--quiet",
                    f"--select={name}",
                    "--profiles-dir=profiles",
                    f"--target-path={builder.scratch / 'target'}",
                    f"--log-path={scratch}",
                ]
            )
        assert result.success, str(result.exception)
        return result.result[0].node.compiled_code

    return compiled


def _tiny_shop() -> Rows:
    chance = random.Random(20111209)
    customers = [f"c{number:02}" for number in range(1, 41)]
    products = [f"p{number:02}" for number in range(1, 16)]

    def moment(days: int) -> str:
        seconds = chance.randrange(days * 86400)
        return str(LAST_DAY - timedelta(seconds=seconds))

    return {
        "order_lines": _order_lines(chance, customers, products, moment),
        "products": [
            {"product_id": product, "product_name": f"{colour} {thing}"}
            for product, colour, thing in zip(
                products,
                ["Red", "Blue", "Old"] * 5,
                ["mug", "tea pot", "lamp", "bag", "clock"] * 3,
                strict=True,
            )
        ],
        "customers": [
            {"customer_id": customer, "country": "France"} for customer in customers
        ],
        "events": [
            {
                "event_id": f"e{number}",
                "occurred_at": moment(180),
                "event_type": chance.choice(["view", "view", "add_to_cart"]),
                "customer_id": chance.choice(customers),
                "product_id": chance.choice(products),
                "channel": "email",
            }
            for number in range(200)
        ],
        "experiments": [
            {
                "experiment_id": "layout",
                "variant": variant,
                "planned_weight": 0.5,
                "is_control": variant == "a",
                "started_at": "2011-06-01",
            }
            for variant in ("a", "b")
        ],
        "experiment_exposures": [
            {
                "experiment_id": "layout",
                "variant": chance.choice("ab"),
                "exposed_at": moment(150),
                "customer_id": customer,
            }
            for customer in customers
        ],
        "ad_performance": [
            {
                "performance_date": f"2011-12-{day:02}",
                "channel": "email",
                "campaign_id": "advent",
                "click_count": 10 * day,
                "cost_amount": 2.5 * day,
            }
            for day in range(1, 10)
        ],
    }


def _order_lines(
    chance: random.Random,
    customers: list[str],
    products: list[str],
    moment: Callable[[int], str],
) -> list[dict[str, object]]:
    lines = []
    for order in range(100):
        header = {
            "order_id": f"o{order:03}",
            "ordered_at": moment(700),
            "customer_id": chance.choice(customers),
        }
        # The first half of the products sells best.
        for product in chance.sample([*products, *products[:7]], 3):
            lines.append(
                header
                | {
                    "line_number": len(lines),
                    "product_id": product,
                    "quantity": chance.randint(1, 5),
                    "unit_price": chance.choice([1.25, 2.5, 10]),
                    "is_cancelled": order % 20 == 19,
                }
            )
    return lines


def _write(rows: Rows, folder: Path) -> Path:
    for name, table in rows.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    return folder
