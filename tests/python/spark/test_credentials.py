"""What a profile says, as settings of a session."""

import pytest

pytest.importorskip("dbt.adapters.spark", reason="the extra `spark` is missing")

from dbt.adapters.sparkoss import SparkOssCredentials


def test_local_session_keeps_all_it_writes_in_one_folder(tmp_path):
    settings = SparkOssCredentials(
        schema="mercato", master="local[2]", warehouse=str(tmp_path)
    ).server_side_parameters
    assert settings["spark.master"] == "local[2]"
    assert settings["spark.sql.warehouse.dir"] == f"file://{tmp_path}/tables"
    assert str(tmp_path / "catalog") in " ".join(settings.values())


def test_client_of_a_server_decides_nothing_about_its_start():
    settings = SparkOssCredentials(
        schema="mercato", remote="sc://127.0.0.1:15002", settings={"spark.x": 1}
    ).server_side_parameters
    assert settings == {
        "spark.remote": "sc://127.0.0.1:15002",
        "spark.sql.ansi.enabled": "false",
        "spark.x": "1",
    }


def test_tables_can_be_somewhere_else_than_this_machine():
    settings = SparkOssCredentials(
        schema="mercato", warehouse="s3a://shop/warehouse"
    ).server_side_parameters
    assert settings["spark.sql.warehouse.dir"] == "s3a://shop/warehouse"
    assert not any("derby" in value for value in settings.values())
