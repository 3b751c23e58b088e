"""Who would be written to, by one mail each, and what stands in the way: read before anything is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from deployment.choices import AGENCY_FUNCTIONS, Function
from deployment.models import Academy, Establishment, Holder, PostHolding
from surveys.emails import place_name
from surveys.models import Campaign, PopulationEntry
from surveys.services.solicitations import recently_written

OF_A_PLACE = ("uai", "name", "town", "email")
READ = (
    "campaign_id",
    *(f"establishment__{name}" for name in OF_A_PLACE),
    *(f"establishment__host__{name}" for name in OF_A_PLACE),
)
AGENCY = ("agency_uai",)  # an annotation of `with_agency`


@dataclass
class Envelope:
    """One mail: to one person in one function, for all the establishments that this function answers for."""

    function: Function
    email: str
    name: str
    entries: list[PopulationEntry] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    recent: int = 0  # mails of any campaign in the last seven days

    @property
    def names(self) -> list[str]:
        """The establishments as the mail names them, in its order."""
        return [place_name(entry.establishment.name, entry.establishment.town) for entry in self.entries]

    @property
    def is_digest(self) -> bool:
        return len(self.entries) > 1


@dataclass(frozen=True)
class Gap:
    """A function that nobody can be asked in: its post is vacant, or no address is known."""

    entry: PopulationEntry
    function: Function
    is_vacant: bool

    def __str__(self) -> str:
        why = "poste vacant" if self.is_vacant else "aucune adresse connue"
        return f"{self.entry.establishment} : {self.function.label.lower()}, {why}"


@dataclass(frozen=True)
class Outbox:
    """All that a campaign would send."""

    entries: list[PopulationEntry]
    envelopes: list[Envelope]
    gaps: list[Gap]
    cap: int

    @property
    def digests(self) -> int:
        return sum(envelope.is_digest for envelope in self.envelopes)

    @property
    def over_cap(self) -> list[Envelope]:
        """Persons already written to as often as a week allows, over all campaigns."""
        return [envelope for envelope in self.envelopes if envelope.recent >= self.cap]

    @property
    def copies(self) -> int:
        return sum(len(envelope.copies) for envelope in self.envelopes)

    @property
    def vacancies(self) -> list[Gap]:
        return [gap for gap in self.gaps if gap.is_vacant]

    @property
    def unknown(self) -> list[Gap]:
        """Posts that are held, or of which nothing is said, without any address to write to."""
        return [gap for gap in self.gaps if not gap.is_vacant]

    @property
    def unreachable(self) -> list[PopulationEntry]:
        """Establishments where no function can be asked."""
        reached = {entry.pk for envelope in self.envelopes for entry in envelope.entries}
        return [entry for entry in self.entries if entry.pk not in reached]


@dataclass(frozen=True)
class Directory:
    """Who holds the posts of some establishments on one day, and the mailboxes that stand in for an unknown address."""

    held: Mapping[int, Mapping[Function, list[Holder]]]
    agencies: Mapping[int, str | None]
    mailboxes: Mapping[str, str]

    def person(self, function: Function, entry: PopulationEntry) -> Holder:
        """Who is asked: the holder; without a known address, the official mailbox; nobody when the post is vacant."""
        place = _place(entry)
        seat = self.mailboxes.get(self.agencies.get(place.pk) or "", "")
        official = seat if function in AGENCY_FUNCTIONS else place.email
        holders = self.held.get(place.pk, {}).get(function)
        if holders is None:
            return Holder("", official)
        person = next((holder for holder in holders if not holder.is_vacant), None)
        if person is None:
            return Holder("", "")
        return person if person.email else Holder(person.name, official)

    def copies(self, functions: Sequence[Function], entry: PopulationEntry) -> list[str]:
        """Addresses of who holds these functions."""
        held = self.held.get(_place(entry).pk, {})
        return [holder.email for function in functions for holder in held.get(function, ()) if holder.email]

    def is_vacant(self, function: Function, entry: PopulationEntry) -> bool:
        holders = self.held.get(_place(entry).pk, {}).get(function)
        return bool(holders) and all(holder.is_vacant for holder in holders or ())


def directory(academy: Academy, places: Collection[int]) -> Directory:
    """The posts of these establishments on the académie's day. A fixed number of queries."""
    on = academy.today
    known = Establishment.objects.filter(pk__in=places).with_agency(on)
    agencies = dict(known.values_list("pk", *AGENCY))
    mailboxes = dict(Establishment.objects.filter(academy=academy).values_list("uai", "email"))
    return Directory(PostHolding.objects.holders(agencies, on), agencies, mailboxes)


def plan(campaign: Campaign) -> Outbox:
    """What would be sent now: the same for the preview and for the sending. A fixed number of queries."""
    academy = campaign.academy
    entries = list(
        campaign.entries.filter(is_excluded=False)
        .select_related("establishment", "establishment__host")
        .only(*READ)
        .order_by("establishment__sort_name", "establishment__uai")
    )
    known = directory(academy, [_place(entry).pk for entry in entries])
    envelopes: dict[tuple[Function, str], Envelope] = {}
    gaps: list[Gap] = []
    asked, copied = campaign.asked_functions, campaign.copied_functions
    for entry in entries:
        copies = known.copies(copied, entry)
        for function in asked:
            person = known.person(function, entry)
            if not person.email:
                gaps.append(Gap(entry, function, is_vacant=known.is_vacant(function, entry)))
                continue
            key = (function, person.email.lower())
            envelope = envelopes.setdefault(key, Envelope(function, person.email.lower(), person.name))
            envelope.entries.append(entry)
            envelope.copies += [c for c in copies if c not in envelope.copies and c.lower() != envelope.email]
    recent = recently_written(academy, (email for _, email in envelopes))
    for (_, email), envelope in envelopes.items():
        envelope.recent = recent[email]
        recent[email] += 1  # whoever is asked in two functions gets two mails
    return Outbox(entries, list(envelopes.values()), gaps, academy.solicitations_per_week)


def _place(entry: PopulationEntry) -> Establishment:
    """Where the posts are: a GRETA has those of the establishment that carries it."""
    return entry.establishment.host or entry.establishment
