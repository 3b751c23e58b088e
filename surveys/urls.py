"""Screens of the surveys for the service, under /<academy>/enquetes/."""

from django.urls import path

from surveys.views import (
    answer_for,
    campaign_acts,
    campaigns,
    divergences,
    follow_up,
    imports,
    populations,
    recipients,
    reply_acts,
    sending,
)

app_name = "surveys"
urlpatterns = [
    path("", campaigns.campaign_list, name="campaign_list"),
    path("fichiers/<uuid:file>/", reply_acts.answer_file, name="answer_file"),
    path("nouvelle/", campaigns.campaign_new, name="campaign_new"),
    path("nouvelle/<slug:purpose>/", campaigns.campaign_create, name="campaign_create"),
    path("<int:pk>/", campaigns.campaign_detail, name="campaign_detail"),
    path("<int:pk>/modifier/", campaigns.campaign_edit, name="campaign_edit"),
    path("<int:pk>/questions/", campaigns.campaign_questions, name="campaign_questions"),
    path("<int:pk>/dates/", campaign_acts.campaign_reschedule, name="campaign_reschedule"),
    path("<int:pk>/gel/", campaign_acts.campaign_freeze, name="campaign_freeze"),
    path("<int:pk>/archivage/", campaign_acts.campaign_archive, name="campaign_archive"),
    # <enquete>/population/
    path("<int:pk>/population/", populations.population_detail, name="population_detail"),
    path("<int:pk>/population/criteres/", populations.population_choose, name="population_choose"),
    path("<int:pk>/population/ajout/", populations.population_add, name="population_add"),
    path("<int:pk>/population/fichier/", populations.population_add_file, name="population_add_file"),
    path("<int:pk>/population/retrait/", populations.population_exclude, name="population_exclude"),
    # <enquete>/suivi/
    path("<int:pk>/suivi/", follow_up.follow_up, name="follow_up"),
    path("<int:pk>/suivi/export/", follow_up.follow_up_export, name="follow_up_export"),
    path("<int:pk>/suivi/retirer-acces/", follow_up.follow_up_withdraw, name="follow_up_withdraw"),
    path("<int:pk>/suivi/<int:invitation>/personne/", recipients.recipient_replace, name="recipient_replace"),
    path("<int:pk>/suivi/<slug:act>/", follow_up.follow_up_act, name="follow_up_act"),
    # <enquete>/reponses/
    path("<int:pk>/reponses/export/", follow_up.answers_export, name="answers_export"),
    path("<int:pk>/reponses/<int:answer>/", answer_for.answer_detail, name="answer_detail"),
    path("<int:pk>/reponses/<int:answer>/saisir/", answer_for.answer_for, name="answer_for"),
    path("<int:pk>/importer/", imports.answers_import, name="answers_import"),
    path("<int:pk>/importer/<int:batch>/", imports.answers_import_detail, name="answers_import_detail"),
    path("<int:pk>/importer/<int:batch>/confirmer/", imports.answers_import_confirm, name="answers_import_confirm"),
    path("<int:pk>/importer/<int:batch>/abandonner/", imports.answers_import_abandon, name="answers_import_abandon"),
    # <enquete>/divergences/
    path("<int:pk>/divergences/", divergences.divergences, name="divergences"),
    path("<int:pk>/divergences/appliquer/", divergences.wishes_apply, name="wishes_apply"),
    path("<int:pk>/divergences/<int:entry>/", divergences.divergence_decide, name="divergence_decide"),
    # <enquete>/envoi/
    path("<int:pk>/apercu/", sending.campaign_preview, name="campaign_preview"),
    path("<int:pk>/apercu/<int:entry>/<slug:function>/", sending.campaign_envelope, name="campaign_envelope"),
    path("<int:pk>/preparation/", sending.campaign_prepare, name="campaign_prepare"),
    path("<int:pk>/envoi/", sending.campaign_send, name="campaign_send"),
    path("<int:pk>/retour/", sending.campaign_unprepare, name="campaign_unprepare"),
]
