"""Screens of the territory, all under the slug of an académie."""

from django.urls import path

from deployment.views import academies, establishments

app_name = "deployment"
urlpatterns = [
    # etablissements/
    path("etablissements/", establishments.establishment_list, name="establishment_list"),
    path("etablissements/export.csv", establishments.establishment_export, name="establishment_export"),
    path("etablissements/<str:uai>/", establishments.establishment_detail, name="establishment_detail"),
    # reglages/
    path("reglages/", academies.academy_edit, name="academy_edit"),
]
