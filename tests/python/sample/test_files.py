"""The shipped files are the ones the README describes and the scripts make."""

import re
import subprocess
import sys

import pytest

README_ROW = re.compile(r"^\| `(\w+)\.csv` \| ([\d,]+) \|", re.MULTILINE)
MEBIBYTE = 2**20


def test_row_counts_of_the_readme(sample, sample_folder):
    readme = (sample_folder / "README.md").read_text()
    claimed = {
        name: int(rows.replace(",", "")) for name, rows in README_ROW.findall(readme)
    }
    found = {
        name: sample.execute(f"select count(*) from {name}").fetchone()[0]
        for name in claimed
    }
    assert claimed == found
    assert set(claimed) == {path.stem for path in sample_folder.glob("*.csv")}


def test_files_stay_small(sample_folder):
    sizes = {path.name: path.stat().st_size for path in sample_folder.glob("*.csv")}
    assert sum(sizes.values()) < 7.5 * MEBIBYTE
    assert max(sizes.values()) < 3.9 * MEBIBYTE


def test_files_are_utf_8_with_unix_line_ends(sample_folder):
    for path in sample_folder.glob("*.csv"):
        content = path.read_bytes()
        content.decode("utf-8")
        assert b"\r" not in content
        assert content.endswith(b"\n")


def test_making_the_sample_again_gives_the_same_bytes(
    repository, sample_folder, tmp_path
):
    source = (
        repository.parent / "shared/data/online_retail_II/union_dedup_2009_2011.parquet"
    )
    if not source.exists():
        pytest.skip("Online Retail II is not at ../shared/data: nothing to draw from")
    subprocess.run(
        [
            sys.executable,
            repository / "scripts/sample/make_sample.py",
            "--source",
            source,
            "--output",
            tmp_path,
        ],
        check=True,
    )
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    shipped = {path.name: path.read_bytes() for path in sample_folder.glob("*.csv")}
    assert made.keys() == shipped.keys()
    for name, content in shipped.items():
        assert made[name] == content, f"{name} differs"
