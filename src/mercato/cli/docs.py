"""Write the project's documentation as one HTML page."""

import os
import shutil
from typing import Any

from mercato.cli import dbt_run
from mercato.cli.console import Console
from mercato.cli.project import Project, UsageError
from mercato.cli.publish import build_lock, restore_working_file

_SITE_PAGE = "site/index.html"
_DBT_PAGE = "static_index.html"


def write_docs(project: Project, variables: dict[str, Any], console: Console) -> None:
    """Write site/index.html from the models and the last built warehouse.

    Raises:
        UsageError: There is no warehouse yet.
        CommandError: A build is running, or dbt cannot document the project.
    """
    with build_lock(project):
        if not project.working_file.exists():
            restore_working_file(project)
        if not project.working_file.exists():
            raise UsageError("There is no warehouse yet: run `mercato build` first.")
        console.status("  writing the documentation")
        dbt_run.generate_docs(dbt_run.DbtOptions(variables))
    page = project.root / _SITE_PAGE
    page.parent.mkdir(exist_ok=True)
    target = project.root / os.environ.get("DBT_TARGET_PATH", "target")
    shutil.copyfile(target / _DBT_PAGE, page)
    console.line(f"Documentation: {_SITE_PAGE}")
