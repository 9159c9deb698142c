# Which parameters do the models of lifetime value have, and how sure are they?
def model(dbt, session):
    from mercato import engine
    from mercato.lifetime.parameters import fitted_parameters
    from mercato.versions import fit_or_reuse

    counts = dbt.ref("feat_window_history__customers")
    customers = dbt.ref("feat_window_customer__purchases")
    versions = dbt.ref("feat_model_versions")

    def fit():
        learned = customers.filter("is_amount_learned")
        return fitted_parameters(engine.to_arrow(counts), engine.to_arrow(learned))

    return fit_or_reuse(dbt, session, versions, fit)
