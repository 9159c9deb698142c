# Which products does a low-rank model of all customers' taste suggest to each of them?
def model(dbt, session):
    import pyarrow as pa

    from mercato import engine
    from mercato.factorization import recommend_svd
    from mercato.versions import fit_or_reuse

    interactions = dbt.ref("feat_customer_product__interactions")
    targets = dbt.ref("feat_window_customer__targets")
    customers = dbt.ref("feat_customer__index")
    products = dbt.ref("feat_product__index")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def window(name):
        return engine.to_arrow(
            interactions.filter(f"window_name = '{name}'"),
            "window_name",
            "customer_index",
            "product_index",
            "weight",
            "is_owned",
        )

    def fit():
        wanted = engine.to_arrow(targets)
        # One window at a time is in memory: each may be as large as all orders.
        found = pa.concat_tables(
            recommend_svd(window(name), wanted, **parameters)
            for name in ("evaluation", "serving")
        )
        found = engine.with_ids(found, "product", products)
        return engine.with_ids(found, "customer", customers)

    return fit_or_reuse(dbt, session, versions, fit)
