"""What every verb of the tutoring raises when a rule forbids the act."""


class TutoringRefused(Exception):
    """The act breaks a rule of the tutoring; the message is French and is shown to the person."""
