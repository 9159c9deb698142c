"""What propensity models share: words for features, and how they are fitted."""

import re

from mercato.propensity.examples import KEYS, TARGET


def test_every_feature_can_be_a_reason(repository, models):
    [table] = [
        model for model in models if model.name == "feat_snapshot_customer__features"
    ]
    macro = repository / "macros/propensity/propensity_features.sql"
    told = re.findall(r"^ +'(\w+)': \[", macro.read_text(encoding="utf-8"), re.M)
    assert told == [name for name in table.columns if name not in (*KEYS, TARGET)]


def test_coefficients_are_of_the_models_that_are_judged(models):
    """The champion has to be one of those that could be fitted for serving."""
    first, second = (
        model.config.meta["parameters"]
        for model in models
        if model.name in ("py_propensity_coefficients", "py_propensity_predictions")
    )
    assert first == second
