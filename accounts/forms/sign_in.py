"""Sign-in, password, second factor: django-allauth's forms with the look of the State and our words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from allauth.account.forms import ReauthenticateForm as AllauthPasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from allauth.mfa.totp.forms import ActivateTOTPForm, DeactivateTOTPForm
from django import forms
from dsfr.forms import DsfrBaseForm

from accounts import limits
from accounts.adapters import WRONG_CODE
from accounts.passwords import RULE

DIFFERENT = "Les deux saisies diffèrent : recopiez le même mot de passe."


def _say(form: forms.Form, name: str, label: str, help_text: str = "") -> None:
    """Our words on a field of allauth's, and no placeholder: it vanishes when one needs it."""
    shown = form[name]
    shown.label, shown.help_text = label, help_text
    shown.field.widget.attrs.pop("placeholder", None)


class SignInForm(DsfrBaseForm, LoginForm):
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "login", "Adresse électronique", "Format attendu : prenom.nom@ac-exemple.fr")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        _say(self, "password", "Mot de passe")


class DemonstrationSignInForm(forms.Form):
    """The one-click sign-in of development: the address of one of the invented persons."""

    email = forms.EmailField()


class PasswordForm(DsfrBaseForm, AllauthPasswordForm):
    """The password once more, before something that protects the account changes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "password", "Votre mot de passe")


class PasswordLinkForm(DsfrBaseForm, ResetPasswordForm):
    """Asks for the link that lets choose a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "email", "Adresse électronique", "Celle à laquelle votre invitation vous est parvenue.")


class NewPasswordForm(DsfrBaseForm, ResetPasswordKeyForm):
    """Chooses a password, by the link received."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_new_password(self)

    def clean(self) -> dict[str, Any]:
        return _same_twice(self)


class ChangePasswordForm(DsfrBaseForm, AllauthChangePasswordForm):
    """Changes the password of who is signed in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "oldpassword", "Mot de passe actuel")
        _say_new_password(self)

    def clean(self) -> dict[str, Any]:
        return _same_twice(self)


class CodeForm(DsfrBaseForm, AuthenticateForm):
    """The second factor at sign-in. A code of the application serves once, whichever process reads it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_code(self)

    def clean_code(self) -> str:
        return _once(self, super().clean_code())


class CodeAgainForm(DsfrBaseForm, ReauthenticateForm):
    """The second factor once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_code(self)

    def clean_code(self) -> str:
        return _once(self, super().clean_code())


class EnrolForm(DsfrBaseForm, ActivateTOTPForm):
    """The first code, which proves that the application has read the picture."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "code", "Code à six chiffres", "Celui que l’application affiche maintenant.")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class RemoveSecondFactorForm(DsfrBaseForm, DeactivateTOTPForm):
    """No field: one button."""


class NewRecoveryCodesForm(DsfrBaseForm, GenerateRecoveryCodesForm):
    """No field: one button."""


def _say_code(form: forms.Form) -> None:
    _say(
        form,
        "code",
        "Code",
        "Les six chiffres affichés par votre application, ou l’un de vos codes de secours.",
    )


def _once(form: Any, code: str) -> str:
    """Refuse a code of the application that has served: allauth remembers it in the memory of one process only."""
    if form.authenticator.type != Authenticator.Type.TOTP:
        return code
    try:
        limits.spend(limits.CODE_ONCE, f"{form.user.pk} {code}")
    except limits.TooManyTries:
        raise forms.ValidationError(WRONG_CODE) from None
    return code


def _say_new_password(form: forms.Form) -> None:
    _say(form, "password1", "Nouveau mot de passe", RULE)
    _say(form, "password2", "Nouveau mot de passe, une seconde fois")


def _same_twice(form: Any) -> dict[str, Any]:
    """In place of allauth's check, whose sentence is not ours."""
    cleaned: dict[str, Any] = form.cleaned_data
    if "password1" in cleaned and "password2" in cleaned and cleaned["password1"] != cleaned["password2"]:
        form.add_error("password2", DIFFERENT)
    return cleaned
