# Which products are bought and viewed by the same customers?
def model(dbt, session):
    from mercato import engine
    from mercato.similar_interests import similar_interests
    from mercato.versions import fit_or_reuse

    interactions = dbt.ref("feat_customer_product__interactions")
    products = dbt.ref("feat_product__index")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        found = similar_interests(
            session, interactions, "product", "customer", **parameters
        )
        found = engine.with_ids(found, "similar_product", products)
        return engine.with_ids(found, "product", products)

    return fit_or_reuse(dbt, session, versions, fit)
