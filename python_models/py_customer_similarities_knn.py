# Which customers buy and view the same products?
def model(dbt, session):
    from mercato import engine
    from mercato.similarity import neighbours
    from mercato.versions import fit_or_reuse

    interactions = dbt.ref("feat_customer_product__interactions")
    customers = dbt.ref("feat_customer__index")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        serving = interactions.filter("window_name = 'serving'")
        entries = engine.to_arrow(serving, "customer_index", "product_index", "weight")
        found = neighbours(
            entries["customer_index"].to_numpy(),
            entries["product_index"].to_numpy(),
            entries["weight"].to_numpy(),
            **parameters,
        ).rename_columns(
            [
                "customer_index",
                "similar_customer_index",
                "metric",
                "similarity_rank",
                "similarity_score",
                "unshrunk_score",
                "common_product_count",
                "method",
            ]
        )
        found = engine.with_ids(found, "similar_customer", customers)
        return engine.with_ids(found, "customer", customers)

    return fit_or_reuse(dbt, session, versions, fit)
