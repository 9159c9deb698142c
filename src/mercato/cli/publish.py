"""Show readers whole builds only, whatever happens to the build.

dbt writes the working file. After a green build it is checkpointed, copied beside the
published file and renamed over it, so that readers find the old or the new warehouse
and nothing in between. A build starts from what was last published, so that a failed
or killed build leaves no trace in the history tables of the next one.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from mercato.cli.project import CommandError, Project

_PARTIAL = ".partial"


@contextmanager
def build_lock(project: Project) -> Iterator[None]:
    """Hold the project's build lock; the system releases it when the process dies.

    Raises:
        CommandError: Another build of the project, or another program, holds it.
    """
    project.lock_file.parent.mkdir(parents=True, exist_ok=True)
    with project.lock_file.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise CommandError(
                f"Another build of this project is running (process {holder}). "
                "Wait until it ends."
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def restore_working_file(project: Project) -> None:
    """Make the working file what was last published, or remove it if nothing was.

    Nothing is copied when the stamp says that both files are as the last build left
    them. The caller holds the build lock.

    Raises:
        CommandError: Another program has the working file open.
    """
    working, published = project.working_file, project.published_file
    _refuse_if_open_elsewhere(project)
    _remove_leftovers(project)
    if not published.exists():
        working.unlink(missing_ok=True)
    elif _read_stamp(project) != _stamp(project):
        _copy_into_place(published, working)
        _write_stamp(project)


def publish(project: Project) -> None:
    """Make the working file's content what readers see, in one step.

    The caller holds the build lock and has closed every connection to the working
    file.

    Raises:
        CommandError: The file cannot be written, because the disk is full for example.
    """
    checkpoint(project.working_file)
    try:
        project.published_file.parent.mkdir(parents=True, exist_ok=True)
        _copy_into_place(project.working_file, project.published_file)
        _write_stamp(project)
    except OSError as error:
        raise CommandError(f"The build is green but not published: {error}.") from None


def checkpoint(database: Path) -> None:
    """Move what the write-ahead log holds into the database file itself.

    Raises:
        CommandError: A log is left, so the file alone would not be the whole database.
    """
    with duckdb.connect(str(database)) as connection:
        connection.execute("checkpoint")
    log = _write_ahead_log(database)
    if log.exists() and log.stat().st_size > 0:
        raise CommandError(f"{database} has an unfinished write-ahead log.")


def _copy_into_place(source: Path, target: Path) -> None:
    """Replace `target` by a durable copy of `source`; a crash leaves `target` whole."""
    partial = target.with_name(f".{target.name}.{os.getpid()}{_PARTIAL}")
    try:
        shutil.copyfile(source, partial)
        _sync(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_leftovers(project: Project) -> None:
    """Remove what killed builds left: partial copies, logs, spilled blocks."""
    for file in (project.working_file, project.published_file):
        for partial in file.parent.glob(f".{file.name}.*{_PARTIAL}"):
            partial.unlink(missing_ok=True)
    _write_ahead_log(project.working_file).unlink(missing_ok=True)
    shutil.rmtree(f"{project.working_file}.tmp", ignore_errors=True)


def _write_ahead_log(database: Path) -> Path:
    return database.with_name(f"{database.name}.wal")


def _refuse_if_open_elsewhere(project: Project) -> None:
    """Find programs other than mercato, such as `dbt` itself, at the working file.

    DuckDB locks the files it has open with POSIX record locks.
    """
    if not project.working_file.exists():
        return
    with project.working_file.open("rb+") as handle:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError(
                f"Another program has {project.shown(project.working_file)} open. "
                "Close it; to read, open the published file."
            ) from None


def _stamp(project: Project) -> dict[str, list[int] | None]:
    return {
        "published": _size_and_time(project.published_file),
        "working": _size_and_time(project.working_file),
    }


def _size_and_time(path: Path) -> list[int] | None:
    if not path.exists():
        return None
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _read_stamp(project: Project) -> object:
    try:
        return json.loads(project.stamp_file.read_text())
    except (OSError, ValueError):
        return None


def _write_stamp(project: Project) -> None:
    project.stamp_file.write_text(json.dumps(_stamp(project)))
