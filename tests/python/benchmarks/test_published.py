"""Published splits are read, and independent recommenders give the same metrics."""

import sys

import numpy as np
import pytest

from benchmarks.published import __main__ as published
from benchmarks.published.data import read_fold, validation_window


@pytest.fixture
def files(tmp_path):
    """Sixty users of two tastes: eight items each, six of them to learn from."""
    chance = np.random.default_rng(5)
    lines = {
        "train": ["user_id\titem_id\trating"],
        "test": ["user_id\titem_id\trating"],
    }
    for user in range(60):
        items = chance.permutation(12)[:8] + 10 * (user % 2)
        for place, item in enumerate(items):
            half = "train" if place < 6 else "test"
            lines[half].append(f"u{user}\ti{item}\t{place % 5 + 1}")
    paths = [tmp_path / f"{half}.tsv" for half in ("train", "test")]
    for path, half in zip(paths, ("train", "test"), strict=True):
        path.write_text("\n".join(lines[half]) + "\n", encoding="utf-8")
    return paths


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["published", *map(str, arguments)])
    published.main()
    return capsys.readouterr().out


def metrics(output):
    rows = [line.split("|")[1:-1] for line in output.splitlines() if line[:1] == "|"]
    return {row[0].strip(): row[1:8] for row in rows[2:]}


def test_recommenders_and_their_references_agree(files, tmp_path, monkeypatch, capsys):
    names = ["ease", "item_knn", "svd"]
    settings = tmp_path / "settings.json"
    settings.write_text('{"settings": {"svd": {"factors": 3}}}', encoding="utf-8")
    options = ["--recommenders", *names, "--settings", settings, "--references"]
    output = run(monkeypatch, capsys, *files, *options)
    found = metrics(output)
    for name in names:
        assert found[name] == found[f"{name}, reference"], name
    assert found.keys() > {"popularity"}
    assert float(found["ease"][3]) > float(found["popularity"][3])


def test_tuned_settings_are_kept_and_used_again(files, tmp_path, monkeypatch, capsys):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    options = ["--recommenders", "svd"]
    tuned = [*options, "--tune-minutes", "0.001", "--output", first]
    run(monkeypatch, capsys, *files, *tuned)
    again = [*options, "--settings", first, "--output", second]
    run(monkeypatch, capsys, *files, *again)
    without_seconds = [
        [
            {name: value for name, value in row.items() if name != "seconds"}
            for row in published.json.loads(file.read_text())["folds"]
        ]
        for file in (first, second)
    ]
    assert without_seconds[0] == without_seconds[1]


def test_ratings_below_the_bar_are_not_relevant(files):
    whole, high = read_fold(*files), read_fold(*files, relevant_from=3)
    assert whole.train.num_rows == high.train.num_rows == 360
    assert (whole.test.num_rows, high.test.num_rows) == (120, 60)


def test_held_out_rows_are_no_longer_known(files):
    train = read_fold(*files).train
    window = validation_window(train, share=0.25, seed=1)
    parts = (window.interactions, window.holdout)
    assert sum(part.num_rows for part in parts) == train.num_rows
    assert 0.15 < window.holdout.num_rows / train.num_rows < 0.35


def test_a_file_without_users_is_refused(files, tmp_path):
    odd = tmp_path / "odd.csv"
    odd.write_text("who,item\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"odd.csv: columns who, item, must include"):
        read_fold(odd, files[1])
