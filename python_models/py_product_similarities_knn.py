# Which products are bought and viewed by the same customers?
def model(dbt, session):
    from mercato import engine
    from mercato.similarity import neighbours
    from mercato.versions import fit_or_reuse

    interactions = dbt.ref("feat_customer_product__interactions")
    products = dbt.ref("feat_product__index")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        serving = interactions.filter("window_name = 'serving'")
        entries = engine.to_arrow(serving, "customer_index", "product_index", "weight")
        found = neighbours(
            entries["product_index"].to_numpy(),
            entries["customer_index"].to_numpy(),
            entries["weight"].to_numpy(),
            **parameters,
        ).rename_columns(
            [
                "product_index",
                "similar_product_index",
                "metric",
                "similarity_rank",
                "similarity_score",
                "unshrunk_score",
                "common_customer_count",
                "method",
            ]
        )
        found = engine.with_ids(found, "similar_product", products)
        return engine.with_ids(found, "product", products)

    return fit_or_reuse(dbt, session, versions, fit)
