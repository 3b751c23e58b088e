"""Measures, not tests: what the product costs beside the least that the same work can cost, in the same run."""
