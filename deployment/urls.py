"""Screens of the territory, all under the slug of an académie."""

from django.urls import path

from deployment.views import academies, establishments, imports

app_name = "deployment"
urlpatterns = [
    # etablissements/
    path("etablissements/", establishments.establishment_list, name="establishment_list"),
    path("etablissements/export.csv", establishments.establishment_export, name="establishment_export"),
    path("etablissements/<str:uai>/", establishments.establishment_detail, name="establishment_detail"),
    # importations/
    path("importations/", imports.import_list, name="import_list"),
    path("importations/nouvelle/", imports.import_new, name="import_new"),
    path("importations/<int:pk>/", imports.import_detail, name="import_detail"),
    path("importations/<int:pk>/confirmer/", imports.import_confirm, name="import_confirm"),
    path("importations/<int:pk>/abandonner/", imports.import_abandon, name="import_abandon"),
    path("importations/<int:pk>/annuler/", imports.import_undo, name="import_undo"),
    # reglages/
    path("reglages/", academies.academy_edit, name="academy_edit"),
]
