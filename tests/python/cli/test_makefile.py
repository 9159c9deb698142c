"""The make targets pass on what the user asks for."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is missing")


def make(*arguments):
    done = subprocess.run(
        ["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_plain_make_shows_the_targets():
    targets = {line.split()[0] for line in make().splitlines()[1:]}
    assert {"build", "test", "lint", "docs", "clean", "lock"} <= targets


def test_input_and_date_are_passed_on():
    commands = make("--dry-run", "build", "INPUT=my shop", "AS_OF=2011-12-09")
    assert 'mercato build --input "my shop" --as-of "2011-12-09"' in commands
    assert "--input" not in make("--dry-run", "build")
