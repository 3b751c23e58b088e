"""Pages of the candidates, without account: what the link of a call opens."""

from django.urls import path

from tutoring.views import applying

urlpatterns = [
    path("<int:call>/", applying.apply_edit, name="apply_edit"),
    path("<int:call>/recue/", applying.apply_receipt, name="apply_receipt"),
]
