"""Build the warehouse, and publish it if every test holds."""

import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import yaml

from mercato.cli import dbt_run
from mercato.cli.console import Console, plural
from mercato.cli.progress import Progress, Tally
from mercato.cli.project import PROJECT_FILE, CommandError, Project, UsageError
from mercato.cli.publish import build_lock, publish, restore_working_file
from mercato.cli.summary import write_summary

_TABLES_PREFIX = "tables:"
_SAMPLE = "sample"


@dataclass(frozen=True)
class BuildRequest:
    """What the user asked to build."""

    variables: dict[str, Any]
    select: tuple[str, ...] = ()
    full_refresh: bool = False
    threads: int | None = None
    publish: bool = True


def run_build(project: Project, request: BuildRequest, console: Console) -> None:
    """Build, test, publish and tell of it.

    Raises:
        UsageError: The request or the project cannot be used.
        CommandError: A build is running already, or this one failed.
    """
    begin = monotonic()
    with build_lock(project):
        starts_anew = request.publish or not project.working_file.exists()
        if starts_anew and not _holds_the_input(project, request.variables):
            restore_working_file(project)
        tally = _build(project, request, console)
        if request.publish:
            console.status("  publishing")
            publish(project)
        console.end_status()
    database = project.published_file if request.publish else project.working_file
    write_summary(project, database, tally, monotonic() - begin, console)


def _holds_the_input(project: Project, variables: dict[str, Any]) -> bool:
    """Return whether the raw tables are in the working file itself, as `tables:raw`.

    Such a file is the user's: it is never replaced by what was published.
    """
    settings = yaml.safe_load((project.root / PROJECT_FILE).read_text())
    source = {**settings.get("vars", {}), **variables}.get("input", _SAMPLE)
    return source.startswith(_TABLES_PREFIX) and "." not in source


def _build(project: Project, request: BuildRequest, console: Console) -> Tally:
    options = dbt_run.DbtOptions(request.variables, request.threads)
    console.status("  reading the project")
    manifest = dbt_run.parse(options)
    layers = dbt_run.plan(manifest, request.select, options)
    progress = Progress(layers, console)
    extra = ["--full-refresh"] if request.full_refresh else []
    if request.select:
        extra += ["--select", *request.select]
    if not dbt_run.build(manifest, extra, options, progress):
        raise CommandError(_failure_text(project, progress.total))
    return progress.total


def _failure_text(project: Project, tally: Tally) -> str:
    return (
        f"Build failed: {tally.failures} failed, {plural(tally.skipped, 'node')} "
        f"skipped. {_published_state(project)} dbt's log is logs/dbt.log."
    )


def _published_state(project: Project) -> str:
    """Return a sentence about the warehouse that readers still see."""
    if not project.published_file.exists():
        return "Nothing has been published yet."
    written = datetime.fromtimestamp(project.published_file.stat().st_mtime)
    return f"The published warehouse was left as it was, from {written:%Y-%m-%d %H:%M}."


def build_variables(
    project: Project, source: str | None, as_of: str | None, variables: str | None
) -> dict[str, Any]:
    """Return dbt's variables; --input and --as-of win over --vars.

    Raises:
        UsageError: One of them is not what it should be.
    """
    merged = _yaml_mapping(variables)
    if source:
        merged["input"] = _input_value(project, source)
    if as_of:
        merged["as_of_date"] = _iso_date(as_of)
    return merged


def _yaml_mapping(text: str | None) -> dict[str, Any]:
    try:
        value = yaml.safe_load(text or "{}")
    except yaml.YAMLError:
        value = None
    if not isinstance(value, dict):
        raise UsageError(
            f"--vars == {text}, must be a YAML mapping such as '{{keep_versions: 5}}'."
        )
    return value


def _iso_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(
            f"--as-of == {text}, must be a date such as 2011-12-09."
        ) from None


def _input_value(project: Project, source: str) -> str:
    """Return the input as dbt needs it, whose paths are relative to the project."""
    if source == _SAMPLE or source.startswith(_TABLES_PREFIX):
        return source
    folder = Path(os.path.abspath(source))
    if not folder.is_dir():
        raise UsageError(
            f"--input == {source}, must be a folder, 'sample' or 'tables:<schema>'."
        )
    return project.shown(folder)
