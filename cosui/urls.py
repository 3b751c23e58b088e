"""Screens of the committee, under /<academy>/cosui/."""

from datetime import date

from django.urls import path, register_converter

from accounts.days import read_day
from cosui import views


class DayConverter:
    """A day in an address: 2024-10-08."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return read_day(value)

    def to_url(self, value: date | str) -> str:
        return str(value)


class DownloadConverter:
    """The forms in which a briefing is downloaded."""

    regex = "pdf|json"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(DayConverter, "day")
register_converter(DownloadConverter, "download")

app_name = "cosui"
urlpatterns = [
    path("", views.meeting_list, name="meeting_list"),
    path("nouveau/", views.meeting_new, name="meeting_new"),
    # dossiers/
    path("dossiers/<uuid:identifier>/", views.briefing_detail, name="briefing_detail"),
    path("dossiers/<uuid:identifier>/publier/", views.briefing_publish, name="briefing_publish"),
    path("dossiers/<uuid:identifier>/<download:form>/", views.briefing_download, name="briefing_download"),
    # <date>/
    path("<day:held_on>/", views.meeting_detail, name="meeting_detail"),
    path("<day:held_on>/composer/", views.briefing_compose, name="briefing_compose"),
    path("<day:held_on>/points/nouveau/", views.item_edit, name="item_new"),
    path("<day:held_on>/points/<int:position>/", views.item_edit, name="item_edit"),
    path("<day:held_on>/points/<int:position>/pages/nouvelle/", views.slide_edit, name="slide_new"),
    path("<day:held_on>/points/<int:position>/pages/<int:number>/", views.slide_edit, name="slide_edit"),
    path("<day:held_on>/points/<int:position>/pages/<int:number>/retirer/", views.slide_delete, name="slide_delete"),
]
