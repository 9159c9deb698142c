from pathlib import Path

import duckdb
import pytest

REPOSITORY = Path(__file__).parents[3]
SAMPLE = REPOSITORY / "seeds" / "sample"

TABLES = (
    "order_lines",
    "products",
    "customers",
    "events",
    "experiments",
    "experiment_exposures",
    "experiment_factors",
    "experiment_metrics",
    "experiment_statistics",
    "recommendation_exposures",
    "ad_performance",
)

# A unit is a customer, or a device of which no single customer is known. It converts
# when it puts something into the cart within seven days of its first exposure.
UNITS = """
    create or replace temp table units as
    with

    owners as (
        select anonymous_id, any_value(customer_id) as owner_id
        from events
        where anonymous_id is not null
        group by anonymous_id
        having count(distinct customer_id) = 1
    ),

    exposed as (
        select
            experiment_id,
            coalesce(customer_id, owner_id, anonymous_id) as unit_id,
            bool_and(customer_id is null and owner_id is null) as is_anonymous,
            arg_min(variant, exposed_at) as variant,
            count(distinct variant) as variant_count,
            count(*) as exposure_count,
            min(exposed_at)::timestamptz as first_exposed_at
        from experiment_exposures
        left join owners using (anonymous_id)
        group by experiment_id, unit_id
    ),

    additions as (
        select
            coalesce(customer_id, owner_id, anonymous_id) as unit_id,
            occurred_at::timestamptz as added_at
        from events
        left join owners using (anonymous_id)
        where event_type = 'add_to_cart'
    )

    select
        exposed.*,
        exists (
            select 1 from additions
            where
                additions.unit_id = exposed.unit_id
                and added_at >= first_exposed_at
                and added_at < first_exposed_at + interval 7 days
        ) as is_converted
    from exposed
"""


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def sample_folder() -> Path:
    return SAMPLE


@pytest.fixture(scope="session")
def sample():
    """The shipped files as tables of text, times and numbers cast where needed."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for table in TABLES:
            path = SAMPLE / f"{table}.csv"
            connection.read_csv(str(path), header=True, all_varchar=True).create(table)
        yield connection


@pytest.fixture(scope="session")
def units(sample):
    """The sample with a table of the units of each experiment."""
    sample.execute(UNITS)
    return sample
