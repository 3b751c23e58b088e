"""Sign-in."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from dsfr.forms import DsfrBaseForm


class SignInForm(DsfrBaseForm, AuthenticationForm):
    """Django's form with the State look; the name of the account is an e-mail address, whatever its case."""

    error_messages = {
        "invalid_login": "Adresse électronique ou mot de passe incorrect. Vérifiez les deux, puis recommencez.",
        "inactive": "Ce compte est désactivé. Demandez au service académique de le rouvrir.",
    }

    username = forms.EmailField(
        label="Adresse électronique",
        help_text="Format attendu : prenom.nom@ac-exemple.fr",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).lower()


class DemonstrationSignInForm(forms.Form):
    """The one-click sign-in of development: the address of one of the invented persons."""

    email = forms.EmailField()
