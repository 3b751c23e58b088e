"""Room kept by the ladder (pyproject.toml) for campaigns to establishments: invitation, answer, reminder."""
