"""Run dbt's Python models in the Spark session that runs its SQL."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import PythonJobHelper
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.sparkoss.session import session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class SessionJobHelper(PythonJobHelper):
    """Runs the compiled code of one Python model in this process."""

    def __init__(self, parsed_model: dict[str, Any], credentials: Any) -> None:
        self._model = parsed_model
        self._credentials = credentials

    def submit(self, compiled_code: str) -> None:
        """Run the model and save what it returns.

        Raises:
            DbtRuntimeError: The model failed; the message is its traceback, with the
                lines of the model's own file.
        """
        path = self._model["original_file_path"]
        code = _from_first_line(compiled_code, self._model["raw_code"])
        namespace = {
            "__name__": self._model["unique_id"],
            "spark": session(self._credentials),
        }
        try:
            exec(compile(code, path, "exec"), namespace)
        except Exception as error:
            raise DbtRuntimeError(_traceback_of(error)) from error


def save(spark: SparkSession, result: Any, table: str, file_format: str) -> None:
    """Write what a Python model returned, replacing the table.

    Args:
        spark: The session.
        result: A Spark DataFrame, an Arrow table or a pandas DataFrame.
        table: The table's name, with its schema.
        file_format: Such as ``parquet``.

    Raises:
        TypeError: The result is none of these.

    """
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame

    if isinstance(result, pd.DataFrame):
        # By way of Arrow, columns without values keep their types.
        result = pa.Table.from_pandas(result, preserve_index=False)
    if isinstance(result, pa.Table):
        # Of a table that begins with two chunks without rows, Spark 4.3 reads none.
        result = spark.createDataFrame(result.combine_chunks())
    if not isinstance(result, DataFrame):
        raise TypeError(
            f"type(result) == {type(result).__name__}, must be a Spark DataFrame, an"
            " Arrow table or a pandas DataFrame."
        )
    result.write.mode("overwrite").format(file_format).saveAsTable(table)


def has_files(spark: SparkSession, path: str, pattern: str) -> bool:
    """Tell whether Spark sees a file of that pattern at a path or anywhere below it."""
    from pyspark.errors import AnalysisException

    reader = spark.read.format("binaryFile").option("pathGlobFilter", pattern)
    try:
        return not reader.load(path).select("path").isEmpty()
    except AnalysisException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            return False
        raise


def _from_first_line(compiled_code: str, raw_code: str) -> str:
    """Cut what dbt puts before a model, so that its lines keep their numbers."""
    first_line = raw_code.partition("\n")[0]
    return compiled_code[max(compiled_code.find(first_line), 0) :]


def _traceback_of(error: Exception) -> str:
    """Return the traceback from the model on, without the calls that led to it."""
    led_to_it = 2
    frames = traceback.extract_tb(error.__traceback__)[led_to_it:]
    lines = traceback.format_list(frames) + traceback.format_exception_only(error)
    return "".join(lines).strip()
