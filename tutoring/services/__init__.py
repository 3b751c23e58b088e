"""Verbs of the tutoring."""
