"""What of a table is compared, and how: read from dbt's manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

# When and by which version a row was made is another thing on each engine: versions
# are fingerprints, and the engines hash rows differently.
OWN_COLUMNS = frozenset(
    {
        "code_fingerprint",
        "fit_seconds",
        "fitted_at",
        "first_made_at",
        "input_fingerprint",
        "last_run_at",
        "run_id",
        "run_started_at",
        "version_id",
    }
)


class Table(NamedTuple):
    """A table of the project, and the expressions that together name a row."""

    name: str
    key: tuple[str, ...]


def tables_of(manifest_file: Path, folders: tuple[str, ...]) -> list[Table]:
    """Return the models of some folders, such as ``models/marts``, sorted by name.

    A key is what a test of the project says is unique; where none does, or where it
    holds a column of OWN_COLUMNS, it is empty.
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
        if not OWN_COLUMNS.intersection(key):
            keys.setdefault(node["attached_node"], key)
    return keys
