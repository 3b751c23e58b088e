"""Figures of the tutoring."""
