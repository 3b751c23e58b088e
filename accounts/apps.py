"""What holds as soon as the product is loaded."""

from django.apps import AppConfig

from accounts import days


class AccountsConfig(AppConfig):
    """The room at the bottom of the ladder."""

    name = "accounts"

    def ready(self) -> None:
        days.watch_forms()
