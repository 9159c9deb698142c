"""Every analysis is a short question that the sample has an answer to."""

from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

ROOT = Path(__file__).parents[3]
ANALYSES = sorted(path.stem for path in (ROOT / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def compiled(builder, tmp_path_factory):
    """The SQL of each analysis, for a warehouse of the same name."""
    scratch = tmp_path_factory.mktemp("analyses")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setenv("MERCATO_WAREHOUSE", str(scratch / "warehouse.duckdb"))
        result = dbtRunner().invoke(
            [
                "compile",
                "--quiet",
                "--select=resource_type:analysis",
                "--profiles-dir=profiles",
                f"--target-path={builder.scratch / 'target'}",
                f"--log-path={scratch}",
            ]
        )
    assert result.success, str(result.exception)
    return {found.node.name: found.node.compiled_code for found in result.result}


@pytest.mark.parametrize("name", ANALYSES)
def test_analysis_answers_its_question(warehouse, compiled, name):
    text = (ROOT / "analyses" / f"{name}.sql").read_text(encoding="utf-8")
    first_line, *rest = text.splitlines()
    assert first_line.startswith("-- ")
    assert first_line.endswith("?")
    assert len(rest) < 49
    assert warehouse.execute(compiled[name]).fetchone() is not None


def test_analyses_tell_one_story(warehouse, compiled):
    """Shares that are parts of a whole add up to it."""

    def total(name, column, condition="true"):
        query = f"select sum({column}) from ({compiled[name]}) where {condition}"
        return warehouse.execute(query).fetchone()[0]

    assert total("revenue_concentration", "net_amount_share") == pytest.approx(1)
    moved = total("rfm_segment_flows", "gained_count - lost_count")
    scored = "select count(distinct customer_id) from customer_rfm_history"
    assert moved == warehouse.execute(scored).fetchone()[0]
    revenue = "new_amount + returning_amount + guest_amount"
    sold = warehouse.execute("select sum(net_amount) from daily_sales").fetchone()[0]
    assert total("new_and_returning_revenue", revenue) == sold
