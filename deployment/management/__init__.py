"""Command line of the territory."""
