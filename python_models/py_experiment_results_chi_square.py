# Do the variants of each experiment convert differently, and by how much?
def model(dbt, session):
    from mercato import engine
    from mercato.contingency import chi_square_results
    from mercato.versions import fit_or_reuse

    contingency = dbt.ref("feat_experiment_metric_variant__contingency")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return chi_square_results(engine.to_arrow(contingency), **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
