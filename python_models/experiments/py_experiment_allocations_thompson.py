# Which share of the next units should each variant of a running experiment get?
def model(dbt, session):
    from mercato import engine
    from mercato.experiments.bandit import allocations
    from mercato.versions import fit_or_reuse

    statistics = dbt.ref("feat_experiment_variant__running")
    versions = dbt.ref("feat_experiment_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return allocations(engine.to_arrow(statistics), **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
