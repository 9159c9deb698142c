# What would a bandit cost each running experiment, against an even split?
def model(dbt, session):
    from mercato import engine
    from mercato.experiments.regret import regret_simulation
    from mercato.versions import fit_or_reuse

    statistics = dbt.ref("feat_experiment_variant__running")
    versions = dbt.ref("feat_experiment_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return regret_simulation(engine.to_arrow(statistics), **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
