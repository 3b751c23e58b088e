"""The campaigns of the demonstration, through the services, each act at the instant when it happened.

Three are the COSUI's; a fourth, on the COFI, is still open on the day observed, for the visitor to answer.

The académie observes the day of each act while it is loaded: the population of 24 September is the one that the
register gave on that day. V8 then had 114 establishments, since the moves take effect on the 27th and on 1 October;
43 had already asked for another wave (campaign of the 20th) and were left out, two of V7 were added: 73 were asked.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import NAMESPACE_URL, uuid5

from django.db.models import F
from django.utils import timezone

from accounts import jobs
from accounts.choices import MailState
from accounts.models import OutgoingEmail, User
from deployment.choices import Function
from deployment.models import Academy, Establishment, PostHolding
from opale_pilot.demo import replies
from opale_pilot.demo.cast import TRIAL_TOKEN
from opale_pilot.demo.replies import Content, Respondent, moments, shuffled
from surveys.choices import Purpose, QuestionKind
from surveys.clock import happening_at
from surveys.models import Answer, Campaign, Invitation, Link, PopulationEntry, Question
from surveys.models.invitations import hash_token
from surveys.services import answers, campaigns, populations, sending
from surveys.services.answers import Submission
from surveys.services.proposals import propose

TUTORING_WAVES = ("V1", "V2", "V3", "V4", "V5", "V6")
TUTORS_ANSWERED = 45  # of 150: 30 %
DIVERGENCES = 4
SILENT = 9  # establishments that expressed no wish
MOVED = "Souhaite une autre vague, enquête du 20/09/2024"
ADDED = ("Poste vacant", "Changement d’ordonnateur")
NOT_LEAVING = "Démonstration : aucun message n’est parti."


def at(day: int, month: int, hour: int) -> datetime:
    """An instant of 2024, in Paris."""
    return timezone.make_aware(datetime.combine(date(2024, month, day), time(hour)))


@dataclass(frozen=True)
class Plan:
    """When a campaign was sent and closed, and until which day answers came."""

    purpose: Purpose
    title: str
    sent_at: datetime
    closes_at: datetime
    answered_until: date


WISHES = Plan(Purpose.WAVE_WISH, "Vœux de vague V8 et V9", at(20, 9, 9), at(26, 9, 18), date(2024, 9, 26))
TUTORS = Plan(Purpose.TUTOR_VOLUNTEERS, "Tuteurs volontaires V1 à V6", at(20, 9, 10), at(4, 10, 18), date(2024, 9, 30))
NEEDS = Plan(Purpose.TRAINING_NEEDS, "Besoins de formation V8", at(24, 9, 10), at(11, 10, 18), date(2024, 10, 3))
COFI = Plan(Purpose.QUESTIONNAIRE, "Préparation de la COFI 2024", at(2, 10, 10), at(18, 10, 18), date(2024, 10, 7))


def load(academy: Academy, *, by: User) -> None:
    """The four campaigns and their answers; the académie observes its own day again at the end."""
    chance = random.Random(2024)
    asked_wishes = _wave_wishes(academy, chance, by)
    _tutor_volunteers(academy, chance, by)
    added = _training_needs(academy, asked_wishes, chance, by)
    _cofi(academy, added, chance, by)
    Answer.objects.filter(entry__campaign__academy=academy).update(receipted=F("number"))  # receipts are past too


def _wave_wishes(academy: Academy, chance: random.Random, by: User) -> list[int]:
    """Head and accountant of V8 and V9: the wishes are those that the later moves followed. Returns who leaves V8."""
    with _on(academy, WISHES):
        campaign = _campaign(academy, WISHES, by)
        populations.choose(campaign, {"waves": ["V8", "V9"]}, by=by)
        campaign = _send(campaign, by)
    entries = list(campaign.entries.order_by("establishment__uai"))
    final = _waves(academy, academy.today)
    leavers = [e for e in entries if final[e.establishment_id] != e.wave_code]
    others = [e for e in entries if e not in leavers]
    chance.shuffle(others)
    silent, divergent = others[:SILENT], others[SILENT : SILENT + DIVERGENCES]
    early = moments(WISHES.sent_at, date(2024, 9, 23), len(leavers), chance)
    late = moments(WISHES.sent_at, WISHES.answered_until, len(others) - SILENT, chance)
    for entry, instant in [*zip(leavers, early, strict=True), *zip(others[SILENT:], late, strict=True)]:
        wave = final[entry.establishment_id]
        contents = {Function.HEAD: wave, Function.ACCOUNTANT: "V10" if entry in divergent else wave}
        said = {function.value: replies.wish(code, entry.wave_code, chance) for function, code in contents.items()}
        _submit(entry, said, instant)
    assert not any(e in leavers for e in silent)
    return [e.establishment_id for e in leavers if e.wave_code == "V8"]


def _tutor_volunteers(academy: Academy, chance: random.Random, by: User) -> None:
    """V1 to V6, but for one: of 150 asked, 45 answered by 30 September, 30 % exactly as the COSUI told."""
    with _on(academy, TUTORS):
        campaign = _campaign(academy, TUTORS, by)
        populations.choose(campaign, {"waves": list(TUTORING_WAVES)}, by=by)
        entry = campaign.entries.select_related("establishment").order_by("establishment__uai")[0]
        populations.exclude(campaign, [entry.establishment], reason="Direction en intérim", by=by)
        campaign = _send(campaign, by)
        respondents = _respondents(campaign, TUTORS.sent_at.date())
    keys = shuffled(respondents, chance)[:TUTORS_ANSWERED]
    _answer(campaign, TUTORS, replies.volunteers([respondents[key] for key in keys]), chance)


def _training_needs(academy: Academy, leavers: Sequence[int], chance: random.Random, by: User) -> list[int]:
    """V8 as it would become, and two of V7; all but one answered by 3 October. Returns the two added."""
    with _on(academy, NEEDS):
        campaign = _campaign(academy, NEEDS, by)
        populations.choose(campaign, {"waves": ["V8"]}, by=by)
        populations.exclude(campaign, Establishment.objects.filter(pk__in=leavers), reason=MOVED, by=by)
        added = _two_of_v7(academy)
        for establishment, reason in zip(added, ADDED, strict=True):
            populations.add(campaign, [establishment], reason=reason, by=by)
        campaign = _send(campaign, by)
        respondents = _respondents(campaign, NEEDS.sent_at.date())
    of_v8 = campaign.entries.filter(is_excluded=False, wave_code="V8", establishment__host=None)
    silent = of_v8.order_by("-establishment__uai").values_list("pk", flat=True)[0]
    keys = [key for key in shuffled(respondents, chance) if key != silent]
    _answer(campaign, NEEDS, replies.training([respondents[key] for key in keys]), chance)
    return [establishment.pk for establishment in added]


def _cofi(academy: Academy, trial: Sequence[int], chance: random.Random, by: User) -> None:
    """V7, whose first COFI in Op@le it is; a third have answered. The first of `trial` is left to the visitor."""
    with _on(academy, COFI):
        campaign = _campaign(academy, COFI, by)
        campaigns.save_questions(campaign, _cofi_questions(), by=by)
        populations.choose(campaign, {"waves": ["V7"]}, by=by)
        campaign = _send(campaign, by)
    questions = list(campaign.questions.values_list("pk", flat=True))
    others = campaign.entries.exclude(establishment__in=trial).values_list("pk", flat=True)
    keys = shuffled(others, chance)[: len(others) // 3]
    _answer(campaign, COFI, {key: replies.cofi(questions, chance) for key in keys}, chance)
    head = Invitation.objects.get(
        entry__campaign=campaign, entry__establishment=trial[0], function=Function.HEAD, recipient__isnull=False
    )
    assert head.recipient
    Link.objects.create(recipient=head.recipient, token_hash=hash_token(TRIAL_TOKEN))


def _cofi_questions() -> list[Question]:
    single, multiple = "\n".join(replies.PROGRESS), "\n".join(replies.OBSTACLES)
    return [
        Question(kind=QuestionKind.SINGLE, label="Où en est la préparation de votre COFI ?", choices=single),
        Question(kind=QuestionKind.MULTIPLE, label="Quels points vous arrêtent ?", choices=multiple),
        Question(kind=QuestionKind.NUMBER, label="Combien d’écritures restent à régulariser ?"),
        Question(kind=QuestionKind.TEXT, label="Que doit savoir le service ?", is_required=False),
    ]


@contextmanager
def _on(academy: Academy, plan: Plan) -> Iterator[None]:
    """The académie observes the day of the sending, at its hour."""
    own_day = academy.observed_on
    academy.observed_on = timezone.localtime(plan.sent_at).date()
    academy.save(update_fields=["observed_on"])
    with happening_at(plan.sent_at):
        yield
    academy.observed_on = own_day
    academy.save(update_fields=["observed_on"])


def _campaign(academy: Academy, plan: Plan, by: User) -> Campaign:
    campaign = propose(academy, plan.purpose, by=by)
    campaign.title, campaign.opens_at, campaign.closes_at = plan.title, plan.sent_at, plan.closes_at
    return campaigns.save(campaign, by=by)


def _send(campaign: Campaign, by: User) -> Campaign:
    """Prepared, its mails written here rather than by a worker, and launched; no mail leaves this machine."""
    campaign = sending.prepare(campaign, by=by)
    claim = jobs.claim(campaign.job_id or 0)
    assert claim
    sending.write_mails(claim)
    with claim.commit():
        pass
    campaign = sending.launch(campaign, by=by)
    written = OutgoingEmail.objects.filter(academy=campaign.academy.slug, batch=sending.batch_name(campaign))
    written.update(state=MailState.SENT, sent_at=campaign.sent_at, secret="", answer=NOT_LEAVING)
    return campaign


def _answer(campaign: Campaign, plan: Plan, said: dict[int, Content], chance: random.Random) -> None:
    """One answer an establishment, by the function asked, at an instant between the sending and the last day."""
    entries = campaign.entries.in_bulk(said)
    instants = moments(plan.sent_at, plan.answered_until, len(said), chance)
    for (key, content), instant in zip(said.items(), instants, strict=True):
        _submit(entries[key], dict.fromkeys(campaign.asked, content), instant)


def _submit(entry: PopulationEntry, said: dict[str, Content], instant: datetime) -> None:
    """What each function says; a function whose post is vacant says nothing."""
    asked = Invitation.objects.filter(entry=entry, recipient__isnull=False).select_related("recipient")
    with happening_at(instant):
        for invitation in asked:
            if invitation.recipient and invitation.function in said:
                identifier = uuid5(NAMESPACE_URL, f"{entry.campaign_id}/{entry.pk}/{invitation.function}")
                name, function = invitation.recipient.name, invitation.get_function_display()
                answers.submit(invitation, Submission(identifier, said[invitation.function], name, function, 0))


def _respondents(campaign: Campaign, on: date) -> dict[int, Respondent]:
    """Every establishment asked, by key of its entry, with who holds its posts on that day."""
    entries = list(campaign.entries.filter(is_excluded=False).select_related("establishment"))
    places = {entry.pk: entry.establishment.host_id or entry.establishment_id for entry in entries}
    held = PostHolding.objects.holders(places.values(), on)
    return {
        e.pk: Respondent(e.pk, e.establishment.kind, e.agency_uai == e.establishment.uai, held[places[e.pk]])
        for e in entries
    }


def _two_of_v7(academy: Academy) -> list[Establishment]:
    """One whose agency has no accountant, and another."""
    on = academy.today
    rows = academy.establishments.with_wave(on).with_agency(on).order_by("uai")
    v7 = list(rows.filter(**{"wave_code": "V7"}))
    held = PostHolding.objects.holders([e.pk for e in v7], on)
    vacant = next(e for e in v7 if any(h.is_vacant for h in held[e.pk].get(Function.ACCOUNTANT, ())))
    return [vacant, next(e for e in v7 if e.pk != vacant.pk and e.agency_uai != vacant.agency_uai)]


def _waves(academy: Academy, on: date) -> dict[int, str]:
    return {row.pk: row.wave_code or "" for row in academy.establishments.with_wave(on)}
