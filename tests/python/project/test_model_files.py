"""Every model file has the one shape: a question, CTEs, the answer."""

import re


def test_every_model_opens_with_its_question(models):
    silent = [
        model.name
        for model in models
        if not re.match(r"(--|#) [A-Z].*\?\n", model.raw_code + "\n")
    ]
    assert silent == []


def test_the_last_cte_bears_the_name_of_the_model(models):
    other = []
    for model in models:
        if model.language == "sql" and re.search(r"^with$", model.raw_code, re.M):
            last_line = model.raw_code.rstrip().splitlines()[-1]
            if last_line != f"select * from {model.name}":
                other.append(f"{model.name}: {last_line}")
    assert other == []


def test_no_model_reads_the_clock(models):
    clock = re.compile(r"\b(current_date|current_timestamp|now\(\)|today\(\))", re.I)
    assert [model.name for model in models if clock.search(model.raw_code)] == []
