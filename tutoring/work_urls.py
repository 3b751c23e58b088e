"""Screens of the work of the tutors and of their indemnities, under /<academy>/tutorat/."""

from django.urls import path

from tutoring.views import access, indemnities, meetings, own, services_done, visits

urlpatterns = [
    # moi/
    path("moi/", own.own_tutoring, name="own_tutoring"),
    path("moi/lettres/<int:pk>/", own.own_paper_download, name="own_paper_download"),
    path("moi/visite/", own.own_visit, name="own_visit"),
    path("moi/visites/<int:pk>/annuler/", own.own_visit_cancel, name="own_visit_cancel"),
    path("moi/difficulte/<str:uai>/", own.own_difficulty, name="own_difficulty"),
    # visites/, tuteurs/, difficultes/, reunions/
    path("visites/", visits.visit_list, name="visit_list"),
    path("visites/<int:pk>/", visits.visit_detail, name="visit_detail"),
    path("visites/<int:pk>/annuler/", visits.visit_cancel, name="visit_cancel"),
    path("visites/<int:pk>/demander/", visits.visit_ask, name="visit_ask"),
    path("tuteurs/<int:pk>/visite/", visits.tutor_visit, name="tutor_visit"),
    path("tuteurs/<int:pk>/acces/", access.tutor_open, name="tutor_open"),
    path("tuteurs/<int:pk>/formation/", access.tutor_training, name="tutor_training"),
    path("difficultes/<str:uai>/", access.difficulty_detail, name="difficulty_detail"),
    path("difficultes/<str:uai>/noter/", access.difficulty_note, name="difficulty_note"),
    path("reunions/", meetings.meeting_list, name="meeting_list"),
    path("reunions/ajouter/", meetings.meeting_new, name="meeting_new"),
    path("reunions/<int:pk>/", meetings.meeting_detail, name="meeting_detail"),
    path("reunions/<int:pk>/presents/", meetings.meeting_presence, name="meeting_presence"),
    path("reunions/<int:pk>/remarque/", meetings.meeting_remark, name="meeting_remark"),
    path("reunions/<int:pk>/action/", meetings.meeting_action, name="meeting_action"),
    path("actions/<int:pk>/", meetings.action_advance, name="action_advance"),
    # service-fait/, indemnites/
    path("service-fait/", services_done.service_list, name="service_list"),
    path("service-fait/<int:pk>/<str:uai>/<slug:year>/", services_done.service_attest, name="service_attest"),
    path("indemnites/", indemnities.indemnity_list, name="indemnity_list"),
    path("indemnites/<int:pk>/corriger/", services_done.indemnity_correct, name="indemnity_correct"),
    path("indemnites/etats/arreter/", indemnities.statement_new, name="statement_new"),
    path("indemnites/etats/<int:pk>/", indemnities.statement_detail, name="statement_detail"),
    path("indemnites/etats/<int:pk>/fichier/", indemnities.statement_download, name="statement_download"),
    path("indemnites/etats/<int:pk>/paiement/", indemnities.statement_paid, name="statement_paid"),
]
