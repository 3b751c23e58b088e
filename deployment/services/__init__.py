"""Verbs of the territory, one file a noun."""
