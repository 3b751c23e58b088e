"""Every address of the product. Inside an académie they begin with its slug."""

from django.urls import URLPattern, URLResolver, include, path

from opale_pilot.views import cockpit, figures
from opale_pilot.views import site as views
from surveys.views.replies import reply_enter
from tutoring.views.applying import apply_enter
from tutoring.views.confirmations import visit_enter

urlpatterns: list[URLPattern | URLResolver] = [
    # Personal links of the establishments, without account (settings.PERSONAL_LINKS): the busiest pages go first
    path("reponse/", include("surveys.reply_urls")),
    path("r/<str:token>/", reply_enter, name="reply_enter"),
    path("", views.home, name="home"),
    # Public
    path("", include("accounts.entrance")),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("mentions-legales/", views.legal_notice, name="legal_notice"),
    path("donnees-personnelles/", views.personal_data, name="personal_data"),
    # Link of a call for tutors, and of the visits to confirm, without account
    path("c/<str:token>/", apply_enter, name="apply_enter"),
    path("candidature/", include("tutoring.apply_urls")),
    path("v/<str:token>/", visit_enter, name="visit_enter"),
    path("visite/", include("tutoring.confirmation_urls")),
    # Development
    path("composants/", views.components, name="components"),
    # /<academy>/
    path("<slug:academy>/", cockpit.cockpit, name="cockpit"),
    path("<slug:academy>/chiffres/", figures.figure_list, name="figure_list"),
    path("<slug:academy>/chiffres/<slug:name>/", figures.figure_detail, name="figure_detail"),
    path("<slug:academy>/chiffres/<slug:name>/lignes/", figures.figure_rows, name="figure_rows"),
    path("<slug:academy>/", include("accounts.urls")),
    path("<slug:academy>/", include("deployment.urls")),
    path("<slug:academy>/enquetes/", include("surveys.urls")),
    path("<slug:academy>/tutorat/", include("tutoring.urls")),
    path("<slug:academy>/cosui/", include("cosui.urls")),
]
