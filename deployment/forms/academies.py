"""The settings of an académie."""

from django import forms
from dsfr.forms import DsfrBaseForm

from deployment.models import Academy


class AcademyForm(DsfrBaseForm, forms.ModelForm):
    class Meta:
        model = Academy
        fields = (
            "service_name",
            "service_acronym",
            "ministry_block",
            "greta_rule",
            "greta_noted_from",
            "initial_volumetry_on",
            "observed_on",
        )
        widgets = {
            "ministry_block": forms.Textarea(attrs={"rows": 4}),
            "greta_rule": forms.RadioSelect,
            **{
                name: forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
                for name in ("greta_noted_from", "initial_volumetry_on", "observed_on")
            },
        }

    def clean_ministry_block(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["ministry_block"].splitlines() if line.strip()]
        if len(lines) > 4 or any(len(line) > 40 for line in lines):
            raise forms.ValidationError("Le bloc tient en quatre lignes de quarante caractères au plus.")
        return "\n".join(lines)
