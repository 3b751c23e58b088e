"""Screens of the tutoring, under /<academy>/tutorat/."""

from django.urls import include, path

from tutoring.views import applications, call_acts, calls, matching, needs, tutors

app_name = "tutoring"
urlpatterns = [
    path("", needs.need_list, name="need_list"),
    path("regles/", needs.rules_edit, name="rules_edit"),
    # candidatures/
    path("candidatures/", applications.application_list, name="application_list"),
    path("candidatures/collecter/", applications.application_collect, name="application_collect"),
    path("candidatures/saisir/", applications.application_new, name="application_new"),
    path("candidatures/<int:pk>/", applications.application_detail, name="application_detail"),
    path("candidatures/<int:pk>/avis/", applications.application_decide, name="application_decide"),
    path("candidatures/<int:pk>/retrait/", applications.application_withdraw, name="application_withdraw"),
    path("candidatures/<int:pk>/fichier/", applications.application_file_download, name="application_file_download"),
    # appels/
    path("appels/", calls.call_list, name="call_list"),
    path("appels/nouveau/", calls.call_new, name="call_new"),
    path("appels/<int:pk>/", calls.call_detail, name="call_detail"),
    path("appels/<int:pk>/modifier/", calls.call_edit, name="call_edit"),
    path("appels/<int:pk>/lettre/", calls.call_letter_download, name="call_letter_download"),
    path("appels/<int:pk>/publier/", call_acts.call_publish, name="call_publish"),
    path("appels/<int:pk>/lien/", call_acts.call_renew, name="call_renew"),
    path("appels/<int:pk>/clore/", call_acts.call_close, name="call_close"),
    path("appels/<int:pk>/prolonger/", call_acts.call_extend, name="call_extend"),
    path("appels/<int:pk>/coefficient/", call_acts.call_bonus, name="call_bonus"),
    # tuteurs/
    path("tuteurs/", tutors.tutor_list, name="tutor_list"),
    path("tuteurs/ajouter/", tutors.tutor_new, name="tutor_new"),
    path("tuteurs/<int:pk>/", tutors.tutor_detail, name="tutor_detail"),
    path("tuteurs/<int:pk>/modifier/", tutors.tutor_edit, name="tutor_edit"),
    path("tuteurs/<int:pk>/tutorat/", tutors.tutor_assign, name="tutor_assign"),
    path("tuteurs/<int:pk>/fin/", tutors.tutor_end, name="tutor_end"),
    path("tutorats/<int:pk>/fin/", tutors.tutorship_end, name="tutorship_end"),
    # appariement/<vague>/
    path("appariement/<slug:code>/", matching.matching_board, name="matching_board"),
    path("appariement/<slug:code>/calculer/", matching.matching_propose, name="matching_propose"),
    path("appariement/<slug:code>/choisir/", matching.matching_choose, name="matching_choose"),
    path("appariement/<slug:code>/accepter/", matching.matching_accept, name="matching_accept"),
    path("lettres/", include("tutoring.paper_urls")),
    path("", include("tutoring.work_urls")),
]
