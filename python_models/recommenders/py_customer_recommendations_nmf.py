# Which products would a non-negative factorisation have suggested?
def model(dbt, session):
    from mercato import engine
    from mercato.recommenders import nmf
    from mercato.recommenders.windows import judged
    from mercato.versions import fit_or_reuse, parameters_of

    interactions = dbt.ref("feat_customer_product__judging")
    targets = dbt.ref("feat_window_customer__targets")
    customers = dbt.ref("feat_customer__index")
    products = dbt.ref("feat_product__index")
    versions = dbt.ref("feat_model_versions")
    parameters = parameters_of(dbt, versions, dbt.config.meta_get("parameters"))

    def fit():
        found = judged(nmf.recommend, interactions, targets, parameters)
        found = engine.with_ids(found, "product", products)
        return engine.with_ids(found, "customer", customers)

    return fit_or_reuse(dbt, session, versions, fit)
