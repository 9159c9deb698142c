"""No table and no column without a description, and each beside what it describes."""

from collections import Counter
from pathlib import PurePosixPath

import yaml

# From this many tables on, a column is described once, in a doc block.
SHARED = 3


def test_every_table_says_what_a_row_is(tables):
    silent = [
        table.name
        for table in tables
        if not table.description.startswith("One row per")
    ]
    assert silent == []


def test_every_column_is_described(tables):
    silent = [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns.values()
        if not column.description.strip()
    ]
    assert silent == []


def test_every_table_lists_its_columns(tables):
    assert [table.name for table in tables if not table.columns] == []


def test_every_table_has_its_yml_beside_it(tables):
    astray = []
    for table in tables:
        beside = PurePosixPath(table.original_file_path).with_suffix(".yml")
        if table.patch_path != f"{table.package_name}://{beside}":
            astray.append(f"{table.name}: {table.patch_path}")
    assert astray == []


def test_no_description_is_pasted(repository, models):
    uses = Counter(
        column["description"].strip()
        for model in models
        for column in _columns_as_written(repository, model)
        if "doc(" not in column["description"]
    )
    assert [text for text, count in uses.items() if count >= SHARED] == []


def test_every_doc_block_is_used(repository, manifest, models):
    written = " ".join(
        column["description"]
        for model in models
        for column in _columns_as_written(repository, model)
    )
    unused = [
        block.name
        for block in manifest.docs.values()
        if block.package_name == "mercato" and f"doc('{block.name}')" not in written
    ]
    assert unused == []


def _columns_as_written(repository, model):
    """The columns with `doc()` where it stands, not with what it says."""
    path = (repository / model.original_file_path).with_suffix(".yml")
    (entry,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    return entry["columns"]
