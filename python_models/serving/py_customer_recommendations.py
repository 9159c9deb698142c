# What do the recommenders that won suggest to every customer?
def model(dbt, session):
    from mercato import engine
    from mercato.recommenders import windows
    from mercato.versions import fit_or_reuse

    recommenders = dbt.ref("served_recommenders")
    interactions = dbt.ref("feat_customer_product__interactions")
    targets = dbt.ref("feat_window_customer__targets")
    terms = dbt.ref("feat_window_product__terms")
    pairs = dbt.ref("feat_window_product_pair__baskets")
    customers = dbt.ref("feat_customer__index")
    products = dbt.ref("feat_product__index")
    versions = dbt.ref("served_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        found = windows.served(
            engine.to_arrow(recommenders),
            interactions,
            targets,
            terms=terms,
            pairs=pairs,
            **parameters,
        )
        found = engine.with_ids(found, "product", products)
        return engine.with_ids(found, "customer", customers)

    return fit_or_reuse(dbt, session, versions, fit)
