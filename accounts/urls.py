"""Screens of the accounts room inside an académie; sign-in and sign-out are named in opale_pilot/urls.py."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("traitements/", views.job_list, name="job_list"),
    path("traitements/<int:pk>/", views.job_detail, name="job_detail"),
    path("traitements/<int:pk>/relance/", views.job_retry, name="job_retry"),
]
