"""What of a table is compared, and how: read from dbt's manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

# When and in which run a row was made is another thing on each engine. So are versions:
# they are fingerprints of rows, which the engines hash differently.
_OWN_COLUMNS = frozenset(
    {
        "fit_seconds",
        "fitted_at",
        "first_made_at",
        "last_run_at",
        "run_id",
        "run_started_at",
        "version_id",
    }
)


def is_own(column: str) -> bool:
    """Tell whether each engine has values of its own in a column."""
    return column in _OWN_COLUMNS or column.endswith("fingerprint")


class Table(NamedTuple):
    """A table of the project, and the expressions that together name a row."""

    name: str
    key: tuple[str, ...]


def tables_of(manifest_file: Path, folders: tuple[str, ...]) -> list[Table]:
    """Return the models of some folders, such as ``models/marts``, sorted by name.

    A key is what a test of the project says is unique; where none does, or where it
    holds a column that is each engine's own, it is empty.
    """
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    keys = _tested_keys(manifest)
    models = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["original_file_path"].startswith(folders)
        and node["config"]["materialized"] != "view"
    ]
    names = sorted((model["name"], model["unique_id"]) for model in models)
    return [Table(name, keys.get(unique_id, ())) for name, unique_id in names]


def _tested_keys(manifest: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        arguments = test.get("kwargs", {})
        if test.get("name") == "unique_combination":
            key = tuple(arguments["columns"])
        elif test.get("name") == "unique":
            key = (arguments["column_name"],)
        else:
            continue
        if not any(map(is_own, key)):
            keys.setdefault(node["attached_node"], key)
    return keys
