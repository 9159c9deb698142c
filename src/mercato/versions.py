"""Versions of a model's output: what made them, and whether to make them again."""

from __future__ import annotations

import ast
import hashlib
import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from mercato import engine

PACKAGE = __package__ or "mercato"
CODE_SCHEMA = pa.schema(
    [("module_name", pa.string()), ("code_fingerprint", pa.string())]
)

# dbt runs models in threads. A fit uses all cores by itself, and the limits that some
# set on BLAS hold for the whole process: two at once could change each other's digits.
_ONE_FIT_AT_A_TIME = threading.Lock()


def fit_or_reuse(
    dbt: Any, session: Any, versions: Any, fit: Callable[[], engine.Part]
) -> Any:
    """Return the current version of a Python model, fitted only if it has to be.

    Args:
        dbt: The object that dbt hands to a Python model; its ``this`` names the model.
        session: The engine's session.
        versions: The relation with one row for this model, such as
            feat_model_versions.
        fit: Computes the model's rows; called only when neither the model's table nor
            its history holds the version that ``versions`` asks for.

    Returns:
        A relation: the rows with the columns version_id, fitted_at (UTC) and
        fit_seconds (wall time of ``fit``, without what Spark has still to compute of a
        DataFrame) added.

    Raises:
        LookupError: ``versions`` has rows, but none for this model.

    """
    name = dbt.this.identifier
    # `dbt build --empty` hands over every table without rows, this one too.
    if engine.is_empty(versions):
        return _stamped(session, fit()).limit(0)
    version_id = _version_of(versions, name)
    for table in (f"{dbt.this.schema}.{name}", f"{dbt.this.schema}.{name}_history"):
        if engine.table_exists(session, table):
            rows = engine.rows_of_version(session, table, version_id)
            if not engine.is_empty(rows):
                return rows
    with _ONE_FIT_AT_A_TIME:
        fitted_at = datetime.now(UTC)
        started = time.perf_counter()
        fitted = fit()
        fit_seconds = time.perf_counter() - started
    return _stamped(
        session,
        fitted,
        version_id=f"'{version_id}'",
        fitted_at=f"'{fitted_at:%Y-%m-%d %H:%M:%S}'",
        fit_seconds=f"{fit_seconds:.3f}",
    )


def parameters_of(dbt: Any, versions: Any, default: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters that ``versions`` names for this Python model.

    They are the tuned ones where there are any (see `mercato tune`), else those of the
    model's own configuration, which is also the default where the table is empty.
    """
    rows = engine.to_arrow(versions, "model_name", "parameters").to_pylist()
    found = {row["model_name"]: row["parameters"] for row in rows}
    name = dbt.this.identifier
    return json.loads(found[name]) if name in found else default


def _stamped(
    session: Any,
    fitted: engine.Part,
    version_id: str = "null",
    fitted_at: str = "null",
    fit_seconds: str = "null",
) -> Any:
    return engine.with_constants(
        session,
        fitted,
        version_id=f"cast({version_id} as string)",
        fitted_at=f"cast({fitted_at} as timestamp)",
        fit_seconds=f"cast({fit_seconds} as double)",
    )


def _version_of(versions: Any, name: str) -> str:
    rows = engine.to_arrow(versions, "model_name", "version_id").to_pylist()
    found = [row["version_id"] for row in rows if row["model_name"] == name]
    if len(found) != 1:
        raise LookupError(
            f"current_model_versions: expected one row for {name}, found {len(found)}."
        )
    return found[0]


def code_fingerprints(package_folder: Path | None = None) -> pa.Table:
    """Return a fingerprint of each library module and of all that it imports.

    A module's fingerprint covers its own source, the source of every module of the
    library that it imports, directly or not, and the installed versions of the other
    packages that these import. To import a module is to import the packages that it is
    in. So a fingerprint changes when, and only when, the code behind a result may have
    changed. The command line stands behind no result and is left out.

    Args:
        package_folder: Where the library is; by default where this module is.

    Returns:
        A table of module_name (such as ``mercato.similarity``; a package, such as
        ``mercato.recommenders``, is a module as well) and code_fingerprint (SHA-256,
        hexadecimal), sorted by module_name.

    """
    folder = package_folder or Path(__file__).parent
    sources = _sources(folder)
    imports = {name: _imported_modules(*sources[name]) for name in sources}
    # Each is looked for once: that takes milliseconds, and every module imports some.
    installed = cache(_installed)
    rows = [
        {
            "module_name": name,
            "code_fingerprint": _fingerprint(name, sources, imports, installed),
        }
        for name in sorted(sources)
    ]
    return pa.Table.from_pylist(rows, schema=CODE_SCHEMA)


class _Source(NamedTuple):
    """A module's source, and the package against which its relative imports count."""

    text: str
    package: str


def _sources(folder: Path) -> dict[str, _Source]:
    """Read the library's modules, except those behind the command line."""
    sources = {}
    for path in folder.rglob("*.py"):
        *packages, stem = path.relative_to(folder).with_suffix("").parts
        if stem == "__main__" or packages[:1] == ["cli"]:
            continue
        package = ".".join([PACKAGE, *packages])
        name = package if stem == "__init__" else f"{package}.{stem}"
        sources[name] = _Source(path.read_text(encoding="utf-8"), package)
    return sources


def _fingerprint(
    name: str,
    sources: dict[str, _Source],
    imports: dict[str, set[str]],
    installed: Callable[[str], str],
) -> str:
    own, others, waiting = set(), set(), {name}
    while waiting:
        module = waiting.pop()
        own.add(module)
        needed = imports[module] | _packages_of(module)
        others |= needed - sources.keys()
        waiting |= (needed & sources.keys()) - own
    digest = hashlib.sha256()
    for module in sorted(own):
        digest.update(f"{module}\n{sources[module].text}\n".encode())
    packages = {module.split(".")[0] for module in others}
    for requirement in sorted({installed(package) for package in packages} - {""}):
        digest.update(f"{requirement}\n".encode())
    return digest.hexdigest()


def _packages_of(module: str) -> set[str]:
    """Return the packages that a module is in: `a` and `a.b` for `a.b.c`."""
    parts = module.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts))}


def _imported_modules(source: str, package: str) -> set[str]:
    """Return the modules that a source in a package imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # One dot is the package itself, each further dot the one that it is in.
            parts = package.split(".")[: len(package.split(".")) + 1 - node.level]
            places = [".".join(parts) if node.level else None, node.module]
            module = ".".join(filter(None, places))
            # `from mercato import topn` names the module in the alias.
            found |= {f"{module}.{alias.name}" for alias in node.names} | {module}
    return found


# Packages that are named otherwise than what is imported: to find that out, the records
# of everything installed would have to be read.
_DISTRIBUTIONS = {"sklearn": "scikit-learn"}


def _installed(package: str) -> str:
    if package == PACKAGE or package in sys.stdlib_module_names:
        return ""
    name = _DISTRIBUTIONS.get(package, package)
    try:
        return f"{name}=={metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return ""
