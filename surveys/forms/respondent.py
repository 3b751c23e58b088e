"""What a bearer types beside the answer itself: who they are, who they hand it to, why it is not theirs."""

from __future__ import annotations

from django.core.validators import RegexValidator

from surveys.forms.fields import AddressField, LineField, Sheet, TextField

# A name goes into a mail to a third person: nothing that a mail program would turn into a link.
PERSON_NAME = RegexValidator(r"^[^\W\d_][\w .’'\-]*$", "Écrivez un prénom et un nom, sans autre signe.")


class RespondentForm(Sheet):
    """Who answers: the link says for whom it is, not who holds it."""

    respondent_name = LineField(label="Votre prénom et votre nom", autocomplete="name")
    respondent_function = LineField(label="Votre fonction", max_length=80, autocomplete="organization-title")


class DelegateForm(Sheet):
    """A colleague who will prepare the answer."""

    name = LineField(label="Prénom et nom de votre collègue", max_length=80, validators=[PERSON_NAME])
    email = AddressField(label="Son adresse électronique", max_length=254)


class DisownForm(Sheet):
    """Why this establishment is not theirs."""

    note = TextField(
        label="Précision",
        help_text="Par exemple : depuis quand vous n’y êtes plus, ou qui s’en occupe désormais.",
        max_length=300,
        required=False,
    )
