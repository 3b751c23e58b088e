"""Screens of the tutoring."""
