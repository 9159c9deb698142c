"""Every table has the columns that its documentation lists, of these types."""

import pytest


@pytest.fixture(scope="module")
def built(warehouse):
    """Return the columns of each table and view with their types."""
    columns = warehouse.sql(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where schema_name = 'main' and not internal"
    ).fetchall()
    tables = {table: {} for table, _, _ in columns}
    for table, column, data_type in columns:
        tables[table][column] = data_type
    return tables


@pytest.fixture(scope="module")
def documented(builder):
    return {
        node.name: {column.name: column.data_type for column in node.columns.values()}
        for node in builder.manifest.nodes.values()
        if node.resource_type in {"model", "seed"}
    }


def test_every_table_is_built_and_documented(built, documented):
    assert built.keys() == documented.keys()


def test_every_column_is_built_and_documented(built, documented):
    assert {name: sorted(columns) for name, columns in built.items()} == {
        name: sorted(columns) for name, columns in documented.items()
    }


def test_every_documented_type_is_the_built_one(warehouse, built, documented):
    def built_as(data_type):
        return str(warehouse.sql(f"select cast(null as {data_type})").types[0])

    wrong = [
        f"{name}.{column}: {data_type} is built as {built[name][column]}"
        for name, columns in documented.items()
        if not name.startswith("raw_")
        for column, data_type in columns.items()
        if data_type and built_as(data_type) != built[name][column]
    ]
    assert wrong == []


def test_python_models_say_the_type_of_every_column(builder):
    models = [
        node
        for node in builder.manifest.nodes.values()
        if node.resource_type == "model" and node.language == "python"
    ]
    assert len(models) > 6
    silent = [
        f"{model.name}.{column.name}"
        for model in models
        for column in model.columns.values()
        if not column.data_type
    ]
    assert silent == []
