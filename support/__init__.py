"""Room kept by the ladder (pyproject.toml) for SUMIT tickets, change requests and their review (EP@C)."""
