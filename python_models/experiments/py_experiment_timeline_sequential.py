# What could be said of each experiment at the end of each day, looking daily?
def model(dbt, session):
    from mercato import engine
    from mercato.experiments.sequential import timeline
    from mercato.versions import fit_or_reuse

    statistics = dbt.ref("feat_experiment_metric_day__statistics")
    versions = dbt.ref("feat_experiment_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return timeline(engine.to_arrow(statistics), **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
