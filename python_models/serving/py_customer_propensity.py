# How likely does each customer buy within the horizon, by the method that won, and why?
def model(dbt, session):
    from functools import partial

    from mercato import engine
    from mercato.propensity.serving import (
        PROPENSITIES_SCHEMA,
        propensities,
        served_models,
    )
    from mercato.versions import fit_or_reuse, parameters_of

    champion = dbt.ref("propensity_champion")
    features = dbt.ref("feat_snapshot_customer__features")
    calendar = dbt.ref("feat_snapshot__calendar")
    states = dbt.ref("feat_snapshot__online_states")
    versions = dbt.ref("propensity_model_versions")
    parameters = parameters_of(dbt, versions, {})

    def fit():
        confirmed = engine.to_arrow(champion.filter("is_confirmed"), "method")
        closed = features.filter("has_purchased is not null")
        served = served_models(
            confirmed["method"].to_pylist(),
            *map(engine.to_arrow, (closed, calendar, states)),
            **parameters,
        )
        if served is None:
            return PROPENSITIES_SCHEMA.empty_table()
        return engine.in_parts(
            features.filter(f"snapshot_date = '{served.snapshot}'"),
            partial(propensities, served.models),
            PROPENSITIES_SCHEMA,
            "customer_id",
        )

    return fit_or_reuse(dbt, session, versions, fit)
