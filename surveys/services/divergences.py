"""Wave wishes of each establishment, side by side: what diverges is decided, what agrees is applied to the plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.models import User
from deployment.choices import Function
from deployment.models import Establishment, Wave, WaveMove
from deployment.services import waves
from figures.french import enumeration, long_instant
from surveys import contents
from surveys.choices import CampaignState, WishReason
from surveys.clock import current
from surveys.models import AnswerVersion, Campaign, Divergence, PopulationEntry
from surveys.rights import DECIDE_DIVERGENCES
from surveys.services.refusals import SurveyRefused

DECIDABLE = (CampaignState.SENT, CampaignState.FROZEN)
MOST_NAMES = 3


@dataclass(frozen=True)
class Voice:
    """What one function of the establishment wishes, in its last version."""

    answer: int
    number: int
    part: str
    wave: str
    reason: str
    comment: str
    name: str
    at: datetime

    @property
    def function(self) -> str:
        return Function(self.part).label


@dataclass
class Wishes:
    """The wishes of one establishment. `planned` is the code of its wave today, empty when it has none."""

    entry: PopulationEntry
    planned: str
    expected: int
    decision: Divergence | None
    voices: list[Voice] = field(default_factory=list)

    @property
    def is_divergent(self) -> bool:
        return len({voice.wave for voice in self.voices}) > 1

    @property
    def agreed(self) -> str:
        """The one wave wished by all who answered; empty when they differ, or when nobody did."""
        return self.voices[0].wave if self.voices and not self.is_divergent else ""

    @property
    def changes_plan(self) -> bool:
        return bool(self.agreed) and self.agreed != self.planned

    @property
    def was_undone(self) -> bool:
        """Decided, but the plan says something else today: the move was undone, or another one came."""
        return self.decision is not None and self.decision.wave_code != self.planned

    @property
    def changed_since(self) -> bool:
        """Somebody sent another wish after the decision."""
        return self.decision is not None and any(voice.at > self.decision.decided_at for voice in self.voices)

    @property
    def seen(self) -> str:
        """What a page shows of it: the versions, the plan and the decision; an act says which it was taken on."""
        versions = "-".join(f"{voice.answer}.{voice.number}" for voice in self.voices)
        decided = f"{self.decision.decided_at.timestamp():.6f}" if self.decision else ""
        return f"{versions}/{self.planned}/{decided}"


@dataclass(frozen=True)
class Ruling:
    """A decision on one divergence. `kept_part` is empty when another wave than those wished, or the plan, is kept."""

    wave_code: str
    kept_part: str
    effective_on: date
    reason: str
    seen: str
    decision_reference: str = ""


def read(campaign: Campaign, entries: Collection[int] | None = None) -> list[Wishes]:
    """The establishments with a wish, by name; those of `entries` only when it is given. Four queries."""
    rows = campaign.entries.filter(is_excluded=False).select_related("establishment", "divergence__decided_by")
    versions = AnswerVersion.objects.filter(answer__entry__campaign=campaign, number=F("answer__number"))
    places = Establishment.objects.filter(academy=campaign.academy_id)
    if entries is not None:
        rows, versions = rows.filter(pk__in=entries), versions.filter(answer__entry__in=entries)
        places = places.filter(pk__in=rows.values("establishment"))
    moves = WaveMove.objects.filter(establishment__in=places.order_by()).in_force(campaign.academy.today)
    planned = dict(moves.values_list("establishment_id", "wave__code"))
    voices: dict[int, list[Voice]] = {}
    for version in versions.select_related("answer").order_by("answer__part"):
        if version.content:  # erased when its time was over
            voices.setdefault(version.answer.entry_id, []).append(_voice(version))
    order = {function: rank for rank, function in enumerate(Function.values)}
    return [
        Wishes(
            entry=entry,
            planned=planned.get(entry.establishment_id) or "",
            expected=len(campaign.parts),
            decision=getattr(entry, "divergence", None),
            voices=sorted(voices[entry.pk], key=lambda voice: order.get(voice.part, len(order))),
        )
        for entry in rows.order_by("establishment__sort_name", "pk")
        if entry.pk in voices
    ]


def _voice(version: AnswerVersion) -> Voice:
    wish = contents.wish(version.content)
    reason = WishReason(wish.reason).label if wish.reason in WishReason.values else wish.reason
    return Voice(
        answer=version.answer_id,
        number=version.number,
        part=version.answer.part,
        wave=wish.wave,
        reason=reason,
        comment=wish.comment,
        name=version.name,
        at=version.submitted_at,
    )


@transaction.atomic
def decide(campaign: Campaign, entry: PopulationEntry, ruling: Ruling, *, by: User) -> Divergence:
    """Settle one divergence, moving the establishment if the decision differs from the plan.

    Raises `SurveyRefused` when a colleague decided or a wish changed meanwhile, `WaveRefused` as any move of wave does.
    """
    waves.lock(campaign.academy)
    _refuse_wrong_state(campaign)
    _refuse_no_reason(ruling)
    found = next(iter(read(campaign, [entry.pk])), None)
    if found is None or not found.is_divergent:
        raise SurveyRefused("Les vœux de cet établissement ne divergent plus.")
    if found.seen != ruling.seen:
        raise SurveyRefused(_what_changed(found))
    reason = f"Vœux divergents ({campaign}) : {ruling.reason.strip()}"[:300]
    moves = _place(campaign, {entry.establishment: ruling.wave_code}, ruling, reason, by) if ruling.wave_code else []
    decision, _ = Divergence.objects.update_or_create(
        entry=entry,
        defaults={
            "kept_part": ruling.kept_part,
            "wave_code": ruling.wave_code,
            "reason": ruling.reason.strip(),
            "operation": moves[0].operation if moves else None,
            "decided_at": current(campaign.academy),
            "decided_by": by,
        },
    )
    target, slug = f"{entry.establishment} · {campaign}", campaign.academy.slug
    audit.record(by, DECIDE_DIVERGENCES, target, academy=slug, wave=ruling.wave_code, reason=ruling.reason.strip())
    return decision


@transaction.atomic
def apply(campaign: Campaign, seen: Mapping[int, str], ruling: Ruling, *, by: User) -> list[WaveMove]:
    """Move these establishments (`seen` by key of population entry) to the wave they agree on, in one operation.

    Raises `SurveyRefused` when one of them no longer is as the page showed it, `WaveRefused` as any move does.
    """
    waves.lock(campaign.academy)
    _refuse_wrong_state(campaign)
    _refuse_no_reason(ruling)
    found = {wishes.entry.pk: wishes for wishes in read(campaign, seen)}
    if not seen:
        raise SurveyRefused("Cochez au moins un établissement.")
    changed = [key for key, was in seen.items() if key not in found or found[key].seen != was]
    if changed or not all(wishes.changes_plan for wishes in found.values()):
        names = [str(found[key].entry.establishment) for key in changed if key in found][:MOST_NAMES]
        told = f" : {enumeration(names)}" if names else ""
        raise SurveyRefused(f"Un vœu ou le plan a changé depuis l’affichage de cette page{told}. Rien n’a été déplacé.")
    placements = {wishes.entry.establishment: wishes.agreed for wishes in found.values()}
    reason = f"Vœux concordants ({campaign}) : {ruling.reason.strip()}"[:300]
    moves = _place(campaign, placements, ruling, reason, by)
    slug = campaign.academy.slug
    audit.record(by, DECIDE_DIVERGENCES, f"vœux appliqués · {campaign}", academy=slug, establishments=len(moves))
    return moves


def _refuse_wrong_state(campaign: Campaign) -> None:
    state = Campaign.objects.values_list("state", flat=True).get(pk=campaign.pk)
    if state not in DECIDABLE:
        raise SurveyRefused(f"Cette enquête est dans l’état « {CampaignState(state).label.lower()} ».")


def _refuse_no_reason(ruling: Ruling) -> None:
    if not ruling.reason.strip():
        raise SurveyRefused("Indiquez le motif de la décision.")


def _place(
    campaign: Campaign, codes: Mapping[Establishment, str], ruling: Ruling, reason: str, by: User
) -> list[WaveMove]:
    known = {wave.code: wave for wave in Wave.objects.filter(academy=campaign.academy_id)}
    if unknown := sorted(set(codes.values()) - set(known)):
        raise SurveyRefused(f"Vague inconnue : {enumeration(unknown)}.")
    return waves.place(
        campaign.academy,
        {establishment: known[code] for establishment, code in codes.items()},
        effective_on=ruling.effective_on,
        reason=reason,
        by=by,
        decision_reference=ruling.decision_reference,
        operation=uuid4(),
    )


def _what_changed(found: Wishes) -> str:
    """What happened between the page and the act, in a sentence."""
    if decision := found.decision:
        instant = timezone.localtime(decision.decided_at)
        who = decision.decided_by or "la ligne de commande"
        wave = decision.wave_code or "aucune vague"
        return (
            f"{who} a tranché le {long_instant(instant)}, {wave} retenue : "
            "relisez la situation avant de décider de nouveau."
        )
    return "Un vœu ou le plan a changé depuis l’affichage de cette page : relisez la situation, puis décidez."
