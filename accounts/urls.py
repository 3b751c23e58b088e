"""Screens of the accounts room inside an académie; the door and one's own account are in accounts/entrance.py."""

from django.urls import path

from accounts.views import jobs, mails, people, trail

app_name = "accounts"
urlpatterns = [
    # envois/
    path("envois/", mails.mail_list, name="mail_list"),
    path("envois/lot/", mails.mail_release, name="mail_release"),
    path("envois/suspension/", mails.mail_pause, name="mail_pause"),
    path("envois/reprise/", mails.mail_resume, name="mail_resume"),
    path("envois/essai/", mails.mail_trial, name="mail_trial"),
    path("envois/<int:pk>/", mails.mail_detail, name="mail_detail"),
    path("envois/<int:pk>/nouvel-envoi/", mails.mail_send_again, name="mail_send_again"),
    path("envois/<int:pk>/arrivee/", mails.mail_mark_sent, name="mail_mark_sent"),
    path("envois/<int:pk>/annulation/", mails.mail_cancel, name="mail_cancel"),
    # personnes/
    path("personnes/", people.person_list, name="person_list"),
    path("personnes/invitation/", people.person_invite, name="person_invite"),
    path("personnes/<int:pk>/", people.person_detail, name="person_detail"),
    path("personnes/<int:pk>/invitation/", people.person_invite_again, name="person_invite_again"),
    path("personnes/<int:pk>/suspension/", people.person_suspend, name="person_suspend"),
    path("personnes/<int:pk>/reactivation/", people.person_reactivate, name="person_reactivate"),
    path("personnes/<int:pk>/roles/", people.role_give, name="role_give"),
    path("personnes/<int:pk>/roles/<int:grant_pk>/retrait/", people.role_take, name="role_take"),
    path("personnes/<int:pk>/voir-comme/", people.view_as_start, name="view_as_start"),
    path("voir-comme/arret/", people.view_as_stop, name="view_as_stop"),
    # traces/
    path("traces/", trail.trail_list, name="trail_list"),
    path("traces/export.csv", trail.trail_export, name="trail_export"),
    # traitements/
    path("traitements/", jobs.job_list, name="job_list"),
    path("traitements/<int:pk>/", jobs.job_detail, name="job_detail"),
    path("traitements/<int:pk>/relance/", jobs.job_retry, name="job_retry"),
]
