"""What every verb of the surveys raises when a rule forbids the act."""


class SurveyRefused(Exception):
    """The act breaks a rule of the surveys; the message is French and is shown to the person."""
