"""The dbt project as dbt itself reads it."""

from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode, SeedNode

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """All nodes of the project, parsed afresh; nothing is compiled or run."""
    scratch = tmp_path_factory.mktemp("dbt")
    result = dbtRunner().invoke(
        [
            "parse",
            "--quiet",
            "--no-partial-parse",
            f"--project-dir={REPOSITORY}",
            f"--profiles-dir={REPOSITORY / 'profiles'}",
            f"--target-path={scratch}",
            f"--log-path={scratch}",
        ]
    )
    assert result.success, str(result.exception)
    return result.result


@pytest.fixture(scope="session")
def models(manifest: Manifest) -> list[ModelNode]:
    return [node for node in manifest.nodes.values() if isinstance(node, ModelNode)]


@pytest.fixture(scope="session")
def tables(manifest: Manifest, models: list[ModelNode]) -> list[ModelNode | SeedNode]:
    """Models and seeds: all that people can query."""
    seeds = [node for node in manifest.nodes.values() if isinstance(node, SeedNode)]
    return [*models, *seeds]
