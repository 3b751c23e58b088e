"""What the volumetry page may be asked."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from dsfr.forms import DsfrBaseForm

from deployment.choices import WaveStatus
from deployment.models import Academy, Wave

UNREADABLE = {"invalid": "Date illisible ; écrivez par exemple 08/10/2024."}


def day_field(label: str, **options: Any) -> forms.DateField:
    """A date typed with the browser's own picker."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, error_messages=UNREADABLE, **options)


class VolumetryForm(DsfrBaseForm):
    """A GET form. Nothing asked: today, beside the initial day, over the waves not switched yet."""

    on = day_field("Situation au", required=False)
    initial_on = day_field("Comparée au", required=False)
    from_wave = forms.ChoiceField(label="De la vague", required=False)
    to_wave = forms.ChoiceField(label="À la vague", required=False)
    known_on = day_field("Telle que connue le", required=False)

    def __init__(self, asked: QueryDict, *, academy: Academy) -> None:
        waves = list(Wave.objects.filter(academy=academy).with_state(academy.today).order_by("rank"))
        to_come = [wave.code for wave in waves if wave.status not in (WaveStatus.SWITCHED, WaveStatus.ABOLISHED)]
        codes = [wave.code for wave in waves]
        defaults = {
            "on": academy.today.isoformat(),
            "initial_on": (academy.initial_volumetry_on or academy.today).isoformat(),
            "from_wave": (to_come or codes or [""])[0],
            "to_wave": (to_come or codes or [""])[-1],
        }
        data = asked.copy()
        for name, value in defaults.items():
            data[name] = data.get(name) or value
        super().__init__(data)
        for name in ("from_wave", "to_wave"):
            self.fields[name].choices = [(code, code) for code in codes] or [("", "Aucune vague")]
            self.fields[name].error_messages["invalid_choice"] = "Cette vague n’existe pas."

    @property
    def day(self) -> date:
        day: date = self.cleaned_data["on"]
        return day

    @property
    def known_at(self) -> datetime | None:
        """The last instant of the day asked, heure de Paris."""
        day: date | None = self.cleaned_data["known_on"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None

    @property
    def span(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("from_wave", "to_wave")}
