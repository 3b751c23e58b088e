"""Inviting someone, giving a role."""

from __future__ import annotations

from django import forms
from dsfr.forms import DsfrBaseForm

from accounts import uai
from accounts.choices import Role
from accounts.services.people import Post


class RoleForm(DsfrBaseForm):
    """A role, over the whole académie or one establishment."""

    role = forms.ChoiceField(label="Rôle", choices=[("", "Choisir un rôle"), *Role.choices])
    scope = forms.CharField(
        label="Établissement (UAI)",
        help_text="À remplir pour limiter le rôle à un seul établissement. Exemple : 0380033E.",
        required=False,
    )

    def clean_scope(self) -> str:
        typed = self.cleaned_data["scope"]
        try:
            return uai.normalise(typed) if typed else ""
        except uai.UaiRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def post(self, academy: str) -> Post:
        """What was typed, as a post of that académie."""
        return Post(Role(self.cleaned_data["role"]), academy, self.cleaned_data["scope"])


class InvitationForm(RoleForm):
    """Someone new, with a first role."""

    field_order = ("email", "first_name", "last_name", "role", "scope")

    email = forms.EmailField(
        label="Adresse électronique", help_text="Le lien d’invitation y sera envoyé.", max_length=254
    )
    first_name = forms.CharField(label="Prénom", max_length=80)
    last_name = forms.CharField(label="Nom", max_length=80)
