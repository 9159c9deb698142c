# What is every customer expected to buy, as Pareto/NBD sees it?
def model(dbt, session):
    from mercato.lifetime.customer_values import customer_values
    from mercato.versions import fit_or_reuse

    counts = dbt.ref("feat_window_history__customers")
    customers = dbt.ref("feat_window_customer__purchases")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return customer_values(counts, customers, **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
