# How likely does each customer buy within the horizon, by the method that won, and why?
def model(dbt, session):
    from mercato import engine
    from mercato.propensity.serving import served_propensities
    from mercato.versions import fit_or_reuse, parameters_of

    champion = dbt.ref("propensity_champion")
    features = dbt.ref("feat_snapshot_customer__features")
    calendar = dbt.ref("feat_snapshot__calendar")
    states = dbt.ref("feat_snapshot__online_states")
    versions = dbt.ref("propensity_model_versions")
    parameters = parameters_of(dbt, versions, {})
    block_rows = dbt.config.meta_get("block_rows")

    def blocks_at(date):
        asked = features.filter(f"snapshot_date = '{date}'")
        return engine.in_blocks(asked, block_rows, "customer_id")

    def fit():
        confirmed = engine.to_arrow(champion.filter("is_confirmed"), "method")
        closed = features.filter("has_purchased is not null")
        return served_propensities(
            confirmed["method"].to_pylist(),
            *map(engine.to_arrow, (closed, calendar, states)),
            blocks_at,
            **parameters,
        )

    return fit_or_reuse(dbt, session, versions, fit)
