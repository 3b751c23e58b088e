"""Numbers of the tutoring."""
