"""Forms of the territory."""
