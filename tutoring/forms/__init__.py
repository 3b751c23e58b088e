"""What a person types about the tutoring."""
