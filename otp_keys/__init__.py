"""Room kept by the ladder (pyproject.toml) for OTP key campaigns and access requests."""
