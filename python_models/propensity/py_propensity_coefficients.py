# What does each model of purchases make of each feature?
def model(dbt, session):
    from mercato import engine
    from mercato.propensity.coefficients import propensity_coefficients
    from mercato.versions import fit_or_reuse

    features = dbt.ref("feat_snapshot_customer__features")
    calendar = dbt.ref("feat_snapshot__calendar")
    states = dbt.ref("feat_snapshot__online_states")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        closed = features.filter("has_purchased is not null")
        tables = map(engine.to_arrow, (closed, calendar, states))
        return propensity_coefficients(*tables, **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
