"""Applications: collected from a campaign or typed in, then decided by two persons."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts import audit, mail
from accounts.models import User
from deployment.models import Academy
from surveys.choices import CampaignState, Purpose
from surveys.clock import current
from surveys.contents import volunteers
from surveys.models import AnswerVersion, Campaign
from tutoring import emails
from tutoring.choices.candidates import DECIDED, ApplicationOrigin, ApplicationState, Verdict
from tutoring.models import Application, Opinion, Tutor
from tutoring.rights import DECIDE_APPLICATIONS
from tutoring.services.refusals import TutoringRefused

MANY = 500
VOICES = 2  # persons of the same opinion who decide


@transaction.atomic
def collect(campaign: Campaign, *, by: User | None) -> list[Application]:
    """Make an application of each volunteer of the campaign's current answers; those already collected are left."""
    if campaign.purpose != Purpose.TUTOR_VOLUNTEERS:
        raise TutoringRefused("Cette enquête ne demande pas de tuteurs volontaires.")
    academy = _locked(campaign.academy)
    answers = AnswerVersion.objects.current(campaign, current(academy)).select_related("answer__entry__establishment")
    found = [
        Application(
            academy=academy,
            name=person.name,
            email=person.email,
            function=person.function,
            establishment=version.answer.entry.establishment,
            spheres=list(person.spheres),
            capacity=person.capacity,
            is_remote=person.is_remote,
            area=person.area,
            motivation=person.motivation,
            origin=ApplicationOrigin.CAMPAIGN,
            source=f"campaign-{campaign.pk}-{version.answer.entry.establishment.uai}-{_word(person.name)}",
            received_at=version.submitted_at,
        )
        for version in answers.order_by("answer__entry__establishment__uai")
        for person in volunteers(version.content)
    ]
    new = _without_known(academy, found)
    Application.objects.bulk_create(new, batch_size=MANY)
    audit.record(by, DECIDE_APPLICATIONS, f"collecte · {campaign}", academy=academy.slug, number=len(new))
    return new


@transaction.atomic
def enter(application: Application, *, by: User | None) -> Application:
    """Type in the application of someone who wrote by mail; acknowledged when it answers a call and has an address."""
    call = application.call
    if call and call.is_draft:
        raise TutoringRefused("Cet appel n’est pas encore publié.")
    application.origin = ApplicationOrigin.STAFF
    about = f"-call-{call.pk}" if call else ""
    who = f"{_word(application.name)}-{_word(application.email)}"
    application.source = f"staff{about}-{application.establishment.uai}-{who}"
    if not _without_known(_locked(application.academy), [application]):
        raise TutoringRefused(f"{application} a déjà une candidature pour cet établissement.")
    application.save()
    emails.acknowledgement(application)
    audit.record(by, DECIDE_APPLICATIONS, application, academy=application.academy.slug)
    return application


@transaction.atomic
def give_opinion(application: Application, verdict: Verdict, *, by: User, reason: str = "") -> Application:
    """Keep one person's opinion; the second person of the same opinion decides, and a tutor is made of who is accepted.

    A decided application takes no opinion any more. Changing one's mind before the decision is a new opinion.
    """
    fresh = _fresh(application)
    if fresh.state != ApplicationState.RECEIVED:
        raise TutoringRefused(f"Cette candidature est déjà « {fresh.get_state_display().lower()} ».")
    if verdict == Verdict.REFUSE and not reason.strip():
        raise TutoringRefused("Indiquez pourquoi cette candidature ne serait pas retenue.")
    last = {opinion.author_id: opinion.verdict for opinion in fresh.opinions.all()}
    if last.get(by.pk) == verdict:
        raise TutoringRefused("Vous avez déjà donné cet avis : il faut une seconde personne.")
    Opinion.objects.create(
        application=fresh, author=by, verdict=verdict, reason=reason.strip()[:300], at=current(fresh.academy)
    )
    audit.record(by, DECIDE_APPLICATIONS, fresh, academy=fresh.academy.slug, verdict=verdict)
    last[by.pk] = verdict
    if sum(held == verdict for held in last.values()) >= VOICES:
        fresh.state = DECIDED[verdict]
        fresh.save(update_fields=["state"])
        if fresh.state == ApplicationState.ACCEPTED:
            _appoint([fresh])
        emails.decision(fresh, batch=decisions_batch(fresh))
    return fresh


@transaction.atomic
def withdraw(application: Application, *, reason: str, by: User | None) -> Application:
    """The person gives up; refused once a tutor, whose mission is then ended instead."""
    fresh = _fresh(application)
    if not fresh.may_withdraw:
        raise TutoringRefused(f"Cette candidature est déjà « {fresh.get_state_display().lower()} ».")
    fresh.state, fresh.withdrawn_reason = ApplicationState.WITHDRAWN, reason.strip()[:300]
    fresh.save(update_fields=["state", "withdrawn_reason"])
    mail.withdraw(fresh.academy.slug, [emails.decision_key(fresh)])
    audit.record(by, DECIDE_APPLICATIONS, f"retrait · {fresh}", academy=fresh.academy.slug, reason=reason)
    return fresh


def decisions_batch(application: Application) -> str:
    """The batch of « Envois » in which the mails on decisions wait: that of the call, or of the campaign."""
    if application.call:
        return f"Décisions · appel {application.call.reference}"
    if application.origin == ApplicationOrigin.CAMPAIGN:
        campaign = Campaign.objects.filter(pk=application.source.split("-")[1]).first()
        return f"Décisions · {campaign.title if campaign else 'enquête'}"[:160]
    return "Décisions · candidatures saisies"


def last_campaign(academy: Academy) -> Campaign | None:
    """The last campaign that asked for volunteers and was sent."""
    asked = Campaign.objects.filter(academy=academy, purpose=Purpose.TUTOR_VOLUNTEERS).select_related("academy")
    launched = asked.exclude(state__in=(CampaignState.DRAFT, CampaignState.PREPARED))
    return launched.order_by("-opens_at", "-pk").first()


def _appoint(accepted: Iterable[Application]) -> None:
    Tutor.objects.bulk_create(
        [
            Tutor(
                academy=a.academy,
                application=a,
                name=a.name,
                email=a.email,
                function=a.function,
                establishment=a.establishment,
                spheres=a.spheres,
                capacity=a.capacity,
                available_from=a.available_from,
            )
            for a in accepted
        ],
        batch_size=MANY,
    )


def _without_known(academy: Academy, found: list[Application]) -> list[Application]:
    """Those whose source is not in the table yet; two of the same source count once."""
    known = set(Application.objects.filter(academy=academy).values_list("source", flat=True))
    return list({a.source: a for a in found if a.source not in known}.values())


def _fresh(application: Application) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("academy", "call", "establishment")
    return rows.get(pk=application.pk)


def _locked(academy: Academy) -> Academy:
    return Academy.objects.select_for_update(of=("self",)).get(pk=academy.pk)


def _word(text: str) -> str:
    return "-".join(text.lower().split())[:40]
