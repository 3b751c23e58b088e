"""People, and what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.choices import STRONG_ROLES, Role
from accounts.rights import EVERYWHERE, Right, Scopes, shared

RESERVED_DOMAINS = (".example", ".invalid", ".test")


class UserManager(BaseUserManager["User"]):
    """Django's sign-in asks a manager for these names."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def invented(self) -> models.QuerySet[User]:
        """Persons whose address can be nobody's (RFC 2606): those of the demonstration and of tests."""
        reserved = models.Q()
        for domain in RESERVED_DOMAINS:
            reserved |= models.Q(email__endswith=domain)
        return self.filter(reserved, is_active=True).order_by("pk")


class User(AbstractBaseUser):
    """A person who signs in. What they may do is in their grants, never on this row."""

    email = models.EmailField("adresse électronique", unique=True)
    first_name = models.CharField("prénom", max_length=80)
    last_name = models.CharField("nom", max_length=80)
    is_active = models.BooleanField("actif", default=True)
    created_at = models.DateTimeField("créé le", default=timezone.now, editable=False)
    session_epoch = models.PositiveIntegerField("époque des sessions", default=0, editable=False)
    roles_version = models.PositiveIntegerField("version des rôles", default=0, editable=False)

    objects = UserManager()
    seen_by: User | None = None  # who looks through this person's eyes (« voir comme »); never stored

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "personne"
        verbose_name_plural = "personnes"

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def is_invented(self) -> bool:
        """Whether the address can be nobody's: a person of the demonstration or of a test."""
        return self.email.endswith(RESERVED_DOMAINS)

    @property
    def needs_second_factor(self) -> bool:
        """Whether a role held anywhere makes the second factor compulsory."""
        return any(grant.role in STRONG_ROLES for grant in self.held_grants)

    @cached_property
    def held_grants(self) -> list[Grant]:
        """One query a request, whatever the number of `may()`."""
        return list(self.grants.all())

    @property
    def academies(self) -> list[str]:
        """Slugs of the académies where this person holds at least one role, that of the oldest role first."""
        return list(dict.fromkeys(grant.academy for grant in sorted(self.held_grants, key=lambda held: held.pk)))

    def get_session_auth_hash(self) -> str:
        """What a session must carry: a new password or a new `session_epoch` ends every session of this person."""
        return self._session_hash()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under the former secret keys, for the time of a rotation."""
        return (self._session_hash(key) for key in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | bytes | None = None) -> str:
        text = f"{self.password}|{self.session_epoch}"
        return salted_hmac("accounts.models.User.session", text, secret=secret, algorithm="sha256").hexdigest()

    def scopes(self, right: Right, academy: str) -> Scopes:
        """UAIs over which this person holds the right in that académie; `EVERYWHERE` if a grant has no scope.

        An act on the académie as a whole is held everywhere or not at all.
        """
        scopes = {g.scope for g in self.held_grants if g.academy == academy and g.role in right.roles}
        held = EVERYWHERE if "" in scopes else frozenset(scopes if right.is_scoped else ())
        return shared(held, self.seen_by.scopes(right, academy)) if self.seen_by else held

    def may(self, right: Right, academy: str) -> bool:
        """Whether at least one grant in that académie gives the right."""
        return bool(self.scopes(right, academy))


class Grant(models.Model):
    """One person holds one role in one académie, over one establishment (`scope` is its UAI) or all (empty)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants", verbose_name="personne")
    role = models.CharField("rôle", max_length=12, choices=Role)
    academy = models.SlugField("académie", max_length=40)
    scope = models.CharField("périmètre (UAI)", max_length=8, blank=True)
    created_at = models.DateTimeField("accordé le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "habilitation"
        verbose_name_plural = "habilitations"
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "academy", "scope"], name="grant_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="grant_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.academy}{' · ' + self.scope if self.scope else ''}"


class FederatedIdentity(models.Model):
    """The name by which an identity provider (ProConnect) knows a person: `sub` is stable, an address is not."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="identities", verbose_name="personne"
    )
    issuer = models.CharField("fournisseur", max_length=200)
    subject = models.CharField("identifiant", max_length=255)
    created_at = models.DateTimeField("reconnue le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "identité fédérée"
        verbose_name_plural = "identités fédérées"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="federated_identity_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.issuer}"
