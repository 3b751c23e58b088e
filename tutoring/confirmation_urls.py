"""Pages of the tutored establishments, without account: what the link of a visit opens."""

from django.urls import path

from tutoring.views import confirmations

urlpatterns = [
    path("<int:link>/", confirmations.confirmation_list, name="confirmation_list"),
    path("<int:link>/pas-moi/", confirmations.confirmation_disown, name="confirmation_disown"),
    path("<int:link>/<int:visit>/", confirmations.confirmation_edit, name="confirmation_edit"),
]
