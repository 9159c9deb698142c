"""Lock files and sources install the same everywhere, whatever the package index."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-spark.lock")
INDEX_ADDRESS = re.compile(
    r"https?://[^\s\"'<>)]*(?:/simple\b|/packages/|pypi|pythonhosted|npmjs)"
    r"|--(?:extra-)?index-url|--find-link[s]",
    re.IGNORECASE,
)


def locked(lock):
    """Return the text of each requirement of a lock file, hashes included."""
    text = (ROOT / lock).read_text()
    return re.findall(r"^\S.*(?:\n +.*)*", text, re.MULTILINE)


def versions(lock):
    return {entry.split(" \\")[0] for entry in locked(lock)}


def tracked_files():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_no_tracked_file_names_a_package_index():
    found = []
    for path in tracked_files():
        if not path.is_file() or b"\0" in path.read_bytes()[:1024]:
            continue
        if INDEX_ADDRESS.search(path.read_text(encoding="utf-8", errors="replace")):
            found.append(str(path.relative_to(ROOT)))
    assert found == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_each_package_by_hash_and_names_no_host(lock):
    assert "://" not in (ROOT / lock).read_text()
    for entry in locked(lock):
        assert re.match(r"[\w.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_tests_and_spark_run_on_the_versions_that_users_get(lock):
    assert versions("requirements.lock") <= versions(lock)


def test_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    runtime = project["project"]["dependencies"] + groups["build"]
    spark = runtime + project["project"]["optional-dependencies"]["spark"]
    wants = (runtime, runtime + groups["dev"], spark)
    for lock, wanted in zip(LOCKS, wants, strict=True):
        pinned = dict(line.split(" ")[0].split("==") for line in versions(lock))
        for text in wanted:
            requirement = Requirement(text)
            assert requirement.specifier.contains(pinned[requirement.name]), text
