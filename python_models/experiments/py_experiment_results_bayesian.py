# How probable is it that each variant beats the control?
def model(dbt, session):
    from mercato import engine
    from mercato.experiments.bayesian import bayesian_results
    from mercato.versions import fit_or_reuse

    statistics = dbt.ref("feat_experiment_metric_variant__statistics")
    versions = dbt.ref("feat_experiment_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return bayesian_results(engine.to_arrow(statistics), **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
