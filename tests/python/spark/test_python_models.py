"""Python models in the session: what they return, how they fail, where they run."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pyarrow as pa
import pytest

MODEL = """\
# Which line fails?
def model(dbt, session):
    first = 1
    return first / 0
"""
# What dbt puts before and after a model's code.
COMPILED = "\n\n" + MODEL + "\nmodel(None, spark)\n"


def run(credentials, compiled_code, raw_code=MODEL):
    from dbt.adapters.sparkoss.python_models import SessionJobHelper

    node = {
        "original_file_path": "python_models/py_broken.py",
        "raw_code": raw_code,
        "unique_id": "model.mercato.py_broken",
    }
    SessionJobHelper(node, credentials).submit(compiled_code)


def test_failing_model_names_the_line_of_its_file(credentials, spark):
    from dbt_common.exceptions import DbtRuntimeError

    with pytest.raises(DbtRuntimeError) as failure:
        run(credentials, COMPILED)
    message = str(failure.value)
    assert 'File "python_models/py_broken.py", line 4, in model' in message
    assert "ZeroDivisionError" in message
    assert "exec(" not in message


def test_model_that_is_no_python_is_told_so(credentials, spark):
    from dbt_common.exceptions import DbtRuntimeError

    with pytest.raises(DbtRuntimeError, match="line 1"):
        run(credentials, "def model(:", raw_code="def model(:")


@pytest.mark.parametrize(
    "result",
    [
        pa.table({"n": [1, 2], "word": ["a", None]}),
        pd.DataFrame({"n": [1, 2], "word": ["a", None]}),
    ],
    ids=["arrow", "pandas"],
)
def test_result_replaces_the_table(spark, result):
    from dbt.adapters.sparkoss.python_models import save

    for _ in range(2):
        save(spark, result, "default.saved", "parquet")
    rows = spark.table("default.saved").toArrow().sort_by("n").to_pylist()
    assert rows == [{"n": 1, "word": "a"}, {"n": 2, "word": None}]


def test_result_without_rows_keeps_its_types(spark):
    from dbt.adapters.sparkoss.python_models import save

    empty = pa.table({"n": pa.array([], pa.int32()), "at": pa.array([], pa.date32())})
    save(spark, empty, "default.saved_empty", "parquet")
    assert spark.table("default.saved_empty").dtypes == [("n", "int"), ("at", "date")]


def test_other_results_are_refused(spark):
    from dbt.adapters.sparkoss.python_models import save

    with pytest.raises(TypeError, match=r"type\(result\) == dict, must be"):
        save(spark, {"n": [1]}, "default.saved", "parquet")


def test_all_threads_have_one_session(credentials, spark):
    from dbt.adapters.sparkoss.session import session

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: session(credentials), range(8)))
    assert all(other is spark for other in found)


def test_threads_run_models_side_by_side(credentials, spark):
    source = "spark.range({0}).write.mode('overwrite').saveAsTable('default.t{0}')\n"

    with ThreadPoolExecutor(2) as threads:
        codes = [source.format(rows) for rows in (1, 2, 3)]
        list(threads.map(lambda code: run(credentials, code, raw_code=code), codes))
    assert [spark.table(f"default.t{rows}").count() for rows in (1, 2, 3)] == [1, 2, 3]


def test_workers_run_the_interpreter_of_dbt(spark):
    def interpreter(batches):
        import sys

        import pyarrow as pa

        for _ in batches:
            yield pa.RecordBatch.from_pydict({"path": [sys.executable]})

    found = spark.range(1).mapInArrow(interpreter, "path string").toArrow()
    assert found["path"].to_pylist() == [sys.executable]


def test_files_are_found_by_pattern_at_any_depth(spark, tmp_path):
    from dbt.adapters.sparkoss.python_models import has_files

    deep = tmp_path / "events" / "day=2011-12-09"
    deep.mkdir(parents=True)
    (deep / "part.csv").write_text("event_id\n1\n", encoding="utf-8")
    assert has_files(spark, str(tmp_path / "events"), "*.csv")
    assert not has_files(spark, str(tmp_path / "events"), "*.parquet")
    assert not has_files(spark, str(tmp_path / "orders.csv"), "*")
