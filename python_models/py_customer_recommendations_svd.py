# Which products does a low-rank model of all customers' taste suggest to each of them?
def model(dbt, session):
    from mercato import engine
    from mercato.factorization import recommend_svd
    from mercato.versions import fit_or_reuse

    interactions = dbt.ref("feat_customer_product__interactions")
    targets = dbt.ref("feat_window_customer__targets")
    customers = dbt.ref("feat_customer__index")
    products = dbt.ref("feat_product__index")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        entries = engine.to_arrow(
            interactions,
            "window_name",
            "customer_index",
            "product_index",
            "weight",
            "is_owned",
        )
        found = recommend_svd(entries, engine.to_arrow(targets), **parameters)
        found = engine.with_ids(found, "product", products)
        return engine.with_ids(found, "customer", customers)

    return fit_or_reuse(dbt, session, versions, fit)
