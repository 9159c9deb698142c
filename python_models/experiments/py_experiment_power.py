# How many units and days does it take to see an effect on each metric?
def model(dbt, session):
    from mercato import engine
    from mercato.experiments.power import power_results
    from mercato.versions import fit_or_reuse

    baseline = dbt.ref("feat_metric__baseline")
    versions = dbt.ref("feat_experiment_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return power_results(engine.to_arrow(baseline), **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
