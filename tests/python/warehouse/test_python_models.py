"""What decides the version of a Python model is what the model really reads."""

import ast
import inspect
from importlib import import_module

import pytest

from mercato.versions import code_fingerprints

# Tables of versions that name every table a model reads.
NAMING = (
    "feat_model_versions",
    "feat_experiment_model_versions",
    "policy_model_versions",
)
VERSIONS = {*NAMING, "propensity_model_versions", "served_model_versions"}
# Packages have a fingerprint of their own; who imports a module imports them too.
SEAMS = {
    "mercato",
    "mercato.recommenders",
    "mercato.engine",
    "mercato.recommenders.windows",
    "mercato.versions",
}


@pytest.fixture(scope="module")
def python_models(builder):
    """Return the versioned models: those that read one of the tables of versions."""
    models = [
        node
        for node in builder.manifest.nodes.values()
        if node.resource_type == "model"
        and node.language == "python"
        and VERSIONS & _references(node)
    ]
    assert len(models) >= 6
    return models


def _references(node):
    return {reference.name for reference in node.refs}


@pytest.mark.parametrize("versions", NAMING)
def test_version_covers_every_table_that_a_model_reads(
    warehouse, python_models, versions
):
    fingerprinted = {
        name: {entry.split("=")[0] for entry in inputs.split()}
        for name, inputs in warehouse.sql(
            f"select model_name, input_fingerprint from {versions}"
        ).fetchall()
    }
    assert fingerprinted == {
        model.name: _references(model) - VERSIONS
        for model in python_models
        if versions in _references(model)
    }


def test_version_covers_every_table_that_is_read_to_serve(
    sample_warehouse, builder, python_models
):
    # What is served may be popularity, of which there is nothing to fingerprint.
    compiled = next(builder.scratch.rglob("compiled/**/served_model_versions.sql"))
    [served] = [
        model
        for model in python_models
        if "served_model_versions" in _references(model)
    ]
    read = _references(served) - VERSIONS - {"served_recommenders"}
    assert all(f"'{table}'" in compiled.read_text() for table in read)


def test_judged_version_covers_every_table_that_propensities_are_served_of(
    python_models,
):
    read = {model.name: _references(model) - VERSIONS for model in python_models}
    chosen = {"propensity_champion"}
    assert read["py_customer_propensity"] - chosen == read["py_propensity_predictions"]


def test_version_covers_the_library_module_that_a_model_calls(python_models):
    modules = set(code_fingerprints()["module_name"].to_pylist())
    for model in python_models:
        called = (_imports(model.raw_code) & modules) - SEAMS
        library = model.config.meta["library"]
        # A module's fingerprint is that of what it imports, too.
        covered = _imports(inspect.getsource(import_module(library)))
        assert called - covered == {library} - SEAMS, model.name


def _imports(source):
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
            names.add(node.module)
    return names


def test_every_versioned_model_has_a_history(builder, python_models):
    histories = {
        node.name
        for node in builder.manifest.nodes.values()
        if node.resource_type == "model" and "history" in node.fqn
    }
    assert histories == {f"{model.name}_history" for model in python_models}
