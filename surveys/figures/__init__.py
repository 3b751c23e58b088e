"""Numbers of the surveys."""
