"""The steps of publishing, without dbt."""

import subprocess
import sys

import duckdb
import pytest

from mercato.cli.project import CommandError, Project
from mercato.cli.publish import build_lock, publish, restore_working_file


@pytest.fixture
def project(tmp_path):
    """Give a project without any warehouse."""
    (tmp_path / "build").mkdir()
    return Project(
        root=tmp_path,
        working_file=tmp_path / "build/warehouse.duckdb",
        published_file=tmp_path / "published/warehouse.duckdb",
    )


def write(file, value):
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create or replace table numbers as select {value} as n")


def read(file):
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.sql("select n from numbers").fetchall()[0][0]


def test_published_file_is_the_working_file(project):
    write(project.working_file, 1)
    publish(project)
    assert project.published_file.read_bytes() == project.working_file.read_bytes()
    assert read(project.published_file) == 1


def test_open_reader_keeps_what_it_opened(project):
    write(project.working_file, 1)
    publish(project)
    with project.published_file.open("rb") as reader:
        first = project.published_file.read_bytes()
        write(project.working_file, 2)
        publish(project)
        assert reader.read() == first
    assert read(project.published_file) == 2


def test_unpublished_work_is_dropped(project):
    write(project.working_file, 1)
    publish(project)
    write(project.working_file, 2)
    restore_working_file(project)
    assert read(project.working_file) == 1


def test_work_never_published_is_removed(project):
    write(project.working_file, 1)
    restore_working_file(project)
    assert not project.working_file.exists()


def test_unchanged_working_file_is_not_copied(project):
    write(project.working_file, 1)
    publish(project)
    before = project.working_file.stat().st_ino
    restore_working_file(project)
    assert project.working_file.stat().st_ino == before


def test_published_file_put_back_by_hand_wins(project, tmp_path):
    write(project.working_file, 1)
    publish(project)
    write(tmp_path / "backup.duckdb", 3)
    (tmp_path / "backup.duckdb").replace(project.published_file)
    restore_working_file(project)
    assert read(project.working_file) == 3


@pytest.mark.parametrize(
    "leftover",
    [
        "build/.warehouse.duckdb.123.partial",
        "published/.warehouse.duckdb.123.partial",
        "build/warehouse.duckdb.wal",
    ],
)
def test_leftovers_of_killed_builds_are_removed(project, leftover):
    write(project.working_file, 1)
    publish(project)
    path = project.root / leftover
    path.write_text("half")
    restore_working_file(project)
    assert not path.exists()
    assert read(project.working_file) == 1


def test_garbled_stamp_means_a_copy(project):
    write(project.working_file, 1)
    publish(project)
    project.stamp_file.write_text("{")
    before = project.working_file.stat().st_ino
    restore_working_file(project)
    assert project.working_file.stat().st_ino != before


def test_lock_is_free_again_after_use(project):
    with build_lock(project):
        pass
    with (
        build_lock(project),
        pytest.raises(CommandError, match="Another build"),
        build_lock(project),
    ):
        pass


def test_working_file_open_in_another_program_is_told(project):
    write(project.working_file, 1)
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(); input()"
    command = [sys.executable, "-c", script, str(project.working_file)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        with pytest.raises(CommandError, match=r"program has build/warehouse\.duckdb"):
            restore_working_file(project)
        other.communicate(b"\n")
    restore_working_file(project)


def test_full_disk_is_told_and_leaves_the_published_file(project, monkeypatch):
    write(project.working_file, 1)
    publish(project)

    def fail(source, target):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mercato.cli.publish.shutil.copyfile", fail)
    write(project.working_file, 2)
    with pytest.raises(CommandError, match="No space left on device"):
        publish(project)
    assert read(project.published_file) == 1
    assert [path.name for path in project.published_file.parent.iterdir()] == [
        "warehouse.duckdb"
    ]
