# Which code stands behind each result?
def model(dbt, session):
    from mercato.versions import code_fingerprints

    return code_fingerprints()
