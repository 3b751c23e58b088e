"""Room kept by the ladder (pyproject.toml) for from the call for tutors to the indemnity."""
