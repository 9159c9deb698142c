import yaml

from mercato.cli.mapping import TABLES


def contract(root):
    for path in (root / "models/input").glob("raw_*.yml"):
        (model,) = yaml.safe_load(path.read_text())["models"]
        yield path.stem.removeprefix("raw_"), model


def test_map_knows_the_tables_of_the_contract(repository):
    assert set(TABLES) == {name for name, _ in contract(repository)}


def test_page_says_what_the_contract_says(repository):
    page = (repository / "docs/input-contract.md").read_text()
    for name, model in contract(repository):
        section = page.split(f"### {name}\n")[1].split("\n### ")[0]
        for column in model["columns"]:
            is_required = column.get("config", {}).get("meta", {}).get("required")
            cells = (
                f"`{column['name']}`",
                column["data_type"],
                "yes" if is_required else "",
                " ".join(column["description"].split()),
            )
            assert f"| {' | '.join(cells)} |" in section
