"""The one Spark session of a process, in which dbt's SQL and Python models run."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from dbt.adapters.spark.session import Connection, Cursor, SessionConnectionWrapper
from dbt_common.exceptions import DbtRuntimeError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from dbt.adapters.sparkoss.connections import SparkOssCredentials

_STARTING = threading.Lock()
_started: SparkSession | None = None


def session(credentials: SparkOssCredentials) -> SparkSession:
    """Return the session of this process, started by the first who asks.

    Workers run the interpreter that runs dbt, unless PYSPARK_PYTHON names another.
    """
    global _started
    with _STARTING:
        if _started is None:
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            _started = _start(credentials)
    if credentials.remote:
        # A client's active session is that of its thread, and dbt has several; its
        # class has no public name for that.
        type(_started)._set_default_and_active_session(_started)
    return _started


def _start(credentials: SparkOssCredentials) -> SparkSession:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    for name, value in credentials.server_side_parameters.items():
        builder = builder.config(name, value)
    # dbt says what failed; the client would print the stack of the server as well.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    logging.getLogger("DataFrameQueryContextLogger").setLevel(logging.CRITICAL)
    if credentials.remote:
        return builder.getOrCreate()
    spark = builder.enableHiveSupport().getOrCreate()
    # Spark warns of much that is meant, such as a file that is not there.
    spark.sparkContext.setLogLevel("ERROR")
    return spark


class SessionCursor(Cursor):
    """A cursor of dbt-spark that takes the session as it is.

    The original configures the session anew for every statement.
    """

    def __init__(self, credentials: SparkOssCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def execute(self, sql: str, *parameters: Any) -> None:
        """Run a statement; its rows are computed when they are fetched.

        Raises:
            DbtRuntimeError: Spark cannot run it.
        """
        from pyspark.errors import AnalysisException

        # Without parameters, a percent sign is one.
        statement = sql % parameters if parameters else sql
        try:
            self._df = session(self._credentials).sql(statement)
        except AnalysisException as error:
            raise DbtRuntimeError(str(error)) from error


class SessionConnection(SessionConnectionWrapper):
    """A connection of dbt to the session."""

    def __init__(self, credentials: SparkOssCredentials) -> None:
        super().__init__(_Cursors(credentials))


class _Cursors(Connection):
    def __init__(self, credentials: SparkOssCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def cursor(self) -> SessionCursor:
        return SessionCursor(self._credentials)
