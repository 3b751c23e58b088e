"""Screens of the territory, all under the slug of an académie."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from deployment.views import academies, establishments, imports, posts, volumetry, waves
from deployment.views.wave_acts import ACTS


class WaveActConverter(StringConverter):
    """One of the decisions on a wave: an unknown word is an unknown page."""

    regex = "|".join(ACTS)


register_converter(WaveActConverter, "wave_act")

app_name = "deployment"
urlpatterns = [
    # etablissements/
    path("etablissements/", establishments.establishment_list, name="establishment_list"),
    path("etablissements/export.csv", establishments.establishment_export, name="establishment_export"),
    path("etablissements/<str:uai>/", establishments.establishment_detail, name="establishment_detail"),
    path("etablissements/<str:uai>/postes/", posts.post_edit, name="post_edit"),
    # importations/
    path("importations/", imports.import_list, name="import_list"),
    path("importations/nouvelle/", imports.import_new, name="import_new"),
    path("importations/<int:pk>/", imports.import_detail, name="import_detail"),
    path("importations/<int:pk>/confirmer/", imports.import_confirm, name="import_confirm"),
    path("importations/<int:pk>/abandonner/", imports.import_abandon, name="import_abandon"),
    path("importations/<int:pk>/annuler/", imports.import_undo, name="import_undo"),
    # volumetrie/
    path("volumetrie/", volumetry.volumetry, name="volumetry"),
    # vagues/
    path("vagues/", waves.wave_list, name="wave_list"),
    path("vagues/ouvrir/", waves.wave_open, name="wave_open"),
    path("vagues/operations/<uuid:operation>/annuler/", waves.operation_undo, name="operation_undo"),
    path("vagues/<str:code>/", waves.wave_detail, name="wave_detail"),
    path("vagues/<str:code>/deplacer/", waves.wave_move, name="wave_move"),
    path("vagues/<str:code>/<wave_act:act>/", waves.wave_decide, name="wave_decide"),
    # reglages/
    path("reglages/", academies.academy_edit, name="academy_edit"),
]
