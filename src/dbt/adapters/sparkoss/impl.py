"""The adapter: that of dbt-spark, with Python models and files to read."""

from __future__ import annotations

from typing import Any

from dbt.adapters.base import PythonJobHelper, available
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.spark import SparkAdapter

from dbt.adapters.sparkoss.connections import SparkOssConnectionManager
from dbt.adapters.sparkoss.python_models import SessionJobHelper, has_files
from dbt.adapters.sparkoss.session import session


class SparkOssAdapter(SparkAdapter):
    """Runs SQL and Python models in one Spark session."""

    ConnectionManager = SparkOssConnectionManager

    @classmethod
    def type(cls) -> str:
        """Return the adapter's name in a profile."""
        return "sparkoss"

    @property
    def default_python_submission_method(self) -> str:
        """The one way there is."""
        return "session"

    @property
    def python_submission_helpers(self) -> dict[str, type[PythonJobHelper]]:
        """What runs Python models, by the name of the way."""
        return {"session": SessionJobHelper}

    def generate_python_submission_response(self, _: Any) -> AdapterResponse:
        """Return what dbt shows of a Python model that ran."""
        return AdapterResponse(_message="OK")

    @available.parse(lambda *_: False)
    def has_files(self, path: str, pattern: str) -> bool:
        """Tell whether Spark sees a file of that pattern at a path or below it."""
        return has_files(session(self.config.credentials), path, pattern)
