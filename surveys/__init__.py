"""Surveys: a population is asked by a date, followed, reminded, counted."""
