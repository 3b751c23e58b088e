"""Words of the tutoring."""
