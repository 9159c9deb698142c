# Did the units of each experiment arrive in the planned shares?
def model(dbt, session):
    from mercato import engine
    from mercato.experiments.sample_ratio import sample_ratio_results
    from mercato.versions import fit_or_reuse

    exposures = dbt.ref("feat_experiment_variant__exposures")
    versions = dbt.ref("feat_experiment_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return sample_ratio_results(engine.to_arrow(exposures), **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
