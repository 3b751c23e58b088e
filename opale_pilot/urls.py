"""Every address of the product. Inside an académie they begin with its slug."""

from django.urls import URLPattern, URLResolver, include, path

from accounts import views as accounts
from opale_pilot import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    # Public
    path("connexion/", accounts.sign_in, name="login"),
    path("connexion/demonstration/", accounts.demonstration_sign_in, name="demonstration_sign_in"),
    path("deconnexion/", accounts.sign_out, name="logout"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("mentions-legales/", views.legal_notice, name="legal_notice"),
    path("donnees-personnelles/", views.personal_data, name="personal_data"),
    # Development
    path("composants/", views.components, name="components"),
    # /<academy>/
    path("<slug:academy>/", include("accounts.urls")),
    path("<slug:academy>/", include("deployment.urls")),
]
