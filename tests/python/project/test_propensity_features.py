"""Every feature of propensity models has its words."""

import re

from mercato.propensity.examples import KEYS, TARGET


def test_every_feature_can_be_a_reason(repository, models):
    [table] = [
        model for model in models if model.name == "feat_snapshot_customer__features"
    ]
    macro = repository / "macros/propensity/propensity_features.sql"
    told = re.findall(r"^ +'(\w+)': \[", macro.read_text(encoding="utf-8"), re.M)
    assert told == [name for name in table.columns if name not in (*KEYS, TARGET)]
