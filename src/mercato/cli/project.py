"""Where a mercato project keeps its files, and the errors the command ends with."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_FILE = "dbt_project.yml"
DEFAULT_WORKING_FILE = "build/warehouse.duckdb"
DEFAULT_PUBLISHED_FOLDER = "published"


class CommandError(Exception):
    """What the user has to read before the command ends with `exit_code`."""

    exit_code = 1


class UsageError(CommandError):
    """The command cannot start: a bad argument or an unusable configuration."""

    exit_code = 2


@dataclass(frozen=True)
class Project:
    """The folder of a dbt project, its working file and its published file.

    Both files have one name, because a DuckDB view stores its catalog's name, which
    is the stem of the file's name.
    """

    root: Path
    working_file: Path
    published_file: Path

    @property
    def lock_file(self) -> Path:
        """The file whose lock says that a build is running."""
        return self.working_file.parent / ".lock"

    @property
    def stamp_file(self) -> Path:
        """The file that says which working file was published, and as what."""
        return self.working_file.parent / ".published.json"

    def shown(self, path: Path) -> str:
        """Return `path` as the user should read it: relative inside the project."""
        return str(path.relative_to(self.root) if self.contains(path) else path)

    def contains(self, path: Path) -> bool:
        """Return whether `path` is inside the project's folder."""
        return path.is_relative_to(self.root)


def find_project(folder: Path | None = None) -> Project:
    """Return the project in `folder`, or in the nearest folder above the current one.

    The variables MERCATO_WAREHOUSE (also read by profiles.yml) and MERCATO_PUBLISHED
    move the working file and the published folder; both are relative to the root.

    Raises:
        UsageError: There is no dbt project there.
    """
    start = (folder or Path.cwd()).resolve()
    candidates = [start] if folder else [start, *start.parents]
    for root in candidates:
        if (root / PROJECT_FILE).is_file():
            return _project_at(root)
    raise UsageError(
        f"No {PROJECT_FILE} in {start}{'' if folder else ' or above it'}: "
        "run mercato inside the project or name it with --project-dir."
    )


def _project_at(root: Path) -> Project:
    working = root / os.environ.get("MERCATO_WAREHOUSE", DEFAULT_WORKING_FILE)
    published = root / os.environ.get("MERCATO_PUBLISHED", DEFAULT_PUBLISHED_FOLDER)
    if working.parent.resolve() == published.resolve():
        raise UsageError(
            f"MERCATO_WAREHOUSE == {working}, must be outside {published}: "
            "readers would see half a build."
        )
    return Project(root, working, published / working.name)
