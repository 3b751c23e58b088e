"""Screens of the surveys for the service, under /<academy>/enquetes/."""

from django.urls import path

from surveys.views import campaigns

app_name = "surveys"
urlpatterns = [
    path("", campaigns.campaign_list, name="campaign_list"),
    path("<int:pk>/", campaigns.campaign_detail, name="campaign_detail"),
]
