# What does each factor of a factorial experiment do, alone and with another?
def model(dbt, session):
    from mercato import engine
    from mercato.experiments.factorial import factorial_results
    from mercato.versions import fit_or_reuse

    statistics = dbt.ref("feat_experiment_metric_variant__statistics")
    factors = dbt.ref("feat_experiment_variant__factors")
    versions = dbt.ref("feat_experiment_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        tables = engine.to_arrow(statistics), engine.to_arrow(factors)
        return factorial_results(*tables, **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
