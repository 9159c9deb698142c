"""Arrows between the layers run one way."""

from pathlib import PurePosixPath

# From the raw input to what people query; a node may read its own layer and any before.
LAYERS = (
    "seeds",
    "input",
    "staging",
    "core",
    "features",
    "python_models",
    "evaluation",
    "serving",
    "policies",
    "history",
    "marts",
)
# Areas that bring together what the others say.
LAST_AREAS = {"audiences", "trust"}


def test_every_model_is_in_a_layer(models):
    assert {_layer(model) for model in models} == set(LAYERS) - {"seeds"}


def test_no_arrow_goes_back(manifest, tables):
    back = [
        f"{child.name} reads {parent.name}"
        for child, parent in _arrows(manifest, tables)
        if LAYERS.index(_layer(parent)) > LAYERS.index(_layer(child))
    ]
    assert back == []


def test_python_models_read_features_and_what_was_chosen_only(manifest, models):
    read = {
        "python_models": {"features", "seeds"},
        "serving": {"features", "evaluation"},
        "policies": {"evaluation"},
    }
    others = [
        f"{child.name} reads {parent.name}"
        for child, parent in _arrows(manifest, models)
        if _layer(child) in read and _layer(parent) not in read[_layer(child)]
    ]
    assert others == []


def test_marts_do_not_read_each_other(manifest, models):
    others = [
        f"{_area(child)}/{child.name} reads {_area(parent)}/{parent.name}"
        for child, parent in _arrows(manifest, models)
        if _layer(child) == _layer(parent) == "marts"
        and _area(child) not in {_area(parent), *LAST_AREAS}
    ]
    assert others == []


def test_experiments_and_other_areas_are_built_without_each_other(manifest, models):
    marts = [model for model in models if _layer(model) == "marts"]
    experiments = [mart for mart in marts if _area(mart) == "experiments"]
    others = [mart for mart in marts if _area(mart) not in {"experiments", "trust"}]

    # what all other Python models learn from
    assert "feat_table__fingerprints" not in _behind(experiments, manifest)
    assert "feat_table__fingerprints" in _behind(others, manifest)
    own = {model.name for model in models if "features/experiments" in model.path}
    assert own & _behind(experiments, manifest)
    assert own & _behind(others, manifest) == set()


def _behind(nodes, manifest):
    """The names of all that has to be built for some nodes, and their own."""
    found, waiting = {}, list(nodes)
    while waiting:
        node = waiting.pop()
        if node.unique_id not in found:
            found[node.unique_id] = node.name
            waiting += [manifest.nodes[parent] for parent in node.depends_on_nodes]
    return set(found.values())


def _arrows(manifest, nodes):
    """Each node with each table it reads."""
    for child in nodes:
        for parent_id in child.depends_on_nodes:
            yield child, manifest.nodes[parent_id]


def _layer(node):
    """models/<layer>/..., seeds/..., python_models/<layer>/... or python_models/..."""
    parts = PurePosixPath(node.original_file_path).parts
    return parts[1] if parts[0] == "models" or parts[1] in LAYERS else parts[0]


def _area(node):
    """models/marts/<area>/..."""
    return PurePosixPath(node.original_file_path).parts[2]
