"""Tutoring: who needs a tutor, who offers to be one, who tutors whom."""
