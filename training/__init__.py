"""Room kept by the ladder (pyproject.toml) for training needs, courses, sessions, attendance."""
