"""Room kept by the ladder (pyproject.toml) for the document library: themes, versions, search."""
