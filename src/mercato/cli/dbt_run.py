"""Run dbt in this process, quietly, and translate what it reports.

dbt is imported inside the functions: it takes seconds, which the commands that do not
need it would pay too.
"""

import gc
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mercato.cli.failures import Outcome, readable_message
from mercato.cli.progress import Progress, plan_build
from mercato.cli.project import CommandError, UsageError

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

# Nothing on the console, everything in logs/dbt.log, nothing over the network.
_GLOBAL_OPTIONS = (
    "--log-level=none",
    "--log-level-file=debug",
    "--no-print",
    "--no-use-colors",
    "--no-use-colors-file",
    "--no-version-check",
    "--no-send-anonymous-usage-stats",
)

# They test the SQL on rows of their own, not the shop's data: `make test` runs them.
_WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")

# They say what the rows are, not what the project is: dbt, which reads every file anew
# when it is given other variables, is spared them until it builds.
_INPUT_VARIABLES = frozenset({"input", "as_of_date", "csv_encoding"})


@dataclass(frozen=True)
class DbtOptions:
    """What every call of dbt in one command shares."""

    variables: dict[str, Any]
    threads: int | None = None

    def arguments(self) -> list[str]:
        """Return them as dbt's command line."""
        arguments = ["--profiles-dir", "profiles"]
        if self.variables:
            arguments += ["--vars", json.dumps(self.variables)]
        if self.threads:
            arguments += ["--threads", str(self.threads)]
        return arguments


def parse(options: DbtOptions) -> "Manifest":
    """Return the project's nodes, which are the same for any input.

    Raises:
        UsageError: dbt cannot read the project or its profile.
    """
    variables = {
        name: value
        for name, value in options.variables.items()
        if name not in _INPUT_VARIABLES
    }
    result = _invoke(["parse", *replace(options, variables=variables).arguments()])
    if not result.success:
        raise UsageError(_exception_text(result, "dbt cannot read the project."))
    return result.result


def plan(
    manifest: "Manifest", select: Sequence[str], options: DbtOptions
) -> dict[str, str]:
    """Return the layer of each node that a build of the selection, or of all, runs.

    Raises:
        UsageError: dbt does not understand the selection, or it selects nothing.
    """
    nodes = [
        node
        for node in manifest.nodes.values()
        if node.resource_type in {"model", "seed", "snapshot", "test"}
    ]
    if not select:
        return plan_build(nodes)
    keys = ["--output", "json", "--output-keys", "unique_id"]
    wanted = [*_WITHOUT_UNIT_TESTS, "--select", *select]
    # The listing builds nothing, and does not know the option.
    shared = replace(options, threads=None).arguments()
    result = _invoke(["ls", *shared, *keys, *wanted], manifest=manifest)
    if not result.success:
        raise UsageError(_exception_text(result, "dbt cannot select that."))
    selected = {json.loads(line)["unique_id"] for line in result.result or []}
    if not selected:
        raise UsageError(f"--select {' '.join(select)} selects nothing.")
    return plan_build(nodes, selected)


def build(
    manifest: "Manifest",
    extra_arguments: Sequence[str],
    options: DbtOptions,
    progress: Progress,
) -> bool:
    """Build and test, report to `progress`, close the database; return whether green.

    Raises:
        KeyboardInterrupt: The user stopped it.
        CommandError: dbt ended with an error that is no node's.
    """
    events = _Events(manifest, progress)
    arguments = ["build", *_WITHOUT_UNIT_TESTS, *options.arguments(), *extra_arguments]
    try:
        result = _invoke(arguments, manifest=manifest, callbacks=[events])
    finally:
        _close_connections()
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    if result.exception:
        raise CommandError(_exception_text(result, "dbt failed."))
    for node_result in result.result or []:
        progress.finished(_outcome_of_result(node_result))
    return result.success


def generate_docs(options: DbtOptions) -> None:
    """Write static_index.html, one page with everything in it, to the target folder.

    Raises:
        UsageError: dbt cannot read the project or its profile.
        CommandError: dbt cannot compile the project or read the warehouse's catalog.
    """
    manifest = parse(options)
    arguments = ["docs", "generate", "--static", *options.arguments()]
    try:
        result = _invoke(arguments, manifest=manifest)
    finally:
        _close_connections()
    if not result.success:
        raise CommandError(_exception_text(result, "dbt cannot generate the docs."))


class _Events:
    """Passes the events of dbt's nodes on; dbt calls it from its threads."""

    def __init__(self, manifest: "Manifest", progress: Progress) -> None:
        self._manifest = manifest
        self._progress = progress

    def __call__(self, event: Any) -> None:
        if event.info.name == "NodeStart":
            info = event.data.node_info
            self._progress.started(info.unique_id, info.node_name)
        elif event.info.name == "NodeFinished":
            self._progress.finished(self._outcome(event.data))

    def _outcome(self, data: Any) -> Outcome:
        info, result = data.node_info, data.run_result
        node = self._manifest.nodes.get(info.unique_id)
        return Outcome(
            unique_id=info.unique_id,
            kind=info.resource_type,
            name=info.node_name,
            status=result.status,
            message=result.message,
            failing_rows=result.num_failures,
            file=getattr(node, "original_file_path", ""),
            compiled_file=_existing(getattr(node, "compiled_path", None)),
        )


def _outcome_of_result(node_result: Any) -> Outcome:
    """Translate a result that had no event, such as that of a hook."""
    node = node_result.node
    return Outcome(
        unique_id=node.unique_id,
        kind=str(node.resource_type),
        name=node.name,
        status=str(node_result.status),
        message=node_result.message or "",
        failing_rows=node_result.failures,
        file=node.original_file_path,
        compiled_file=_existing(getattr(node, "compiled_path", None)),
    )


def _existing(path: str | None) -> str:
    return path if path and Path(path).exists() else ""


def _invoke(arguments: list[str], **runner_options: Any) -> "dbtRunnerResult":
    from dbt.cli.main import dbtRunner

    return dbtRunner(**runner_options).invoke([*_GLOBAL_OPTIONS, *arguments])


def _exception_text(result: "dbtRunnerResult", otherwise: str) -> str:
    return readable_message(str(result.exception)) if result.exception else otherwise


def _close_connections() -> None:
    """Let go of the database file, which dbt keeps open until the process ends."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    # The adapter's own way of closing only forgets the database; its class has no
    # public name for it.
    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()
    gc.collect()
