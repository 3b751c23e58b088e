"""Screens of the letters and orders, under /<academy>/tutorat/lettres/."""

from django.urls import path

from tutoring.views import paper_prints, paper_templates, papers

urlpatterns = [
    path("", papers.paper_list, name="paper_list"),
    path("preparer/", papers.paper_prepare, name="paper_prepare"),
    path("etapes/", papers.paper_step_many, name="paper_step_many"),
    path("imprimer/", paper_prints.print_request, name="print_request"),
    path("impressions/<uuid:archive>/", paper_prints.print_detail, name="print_detail"),
    path("impressions/<uuid:archive>/zip/", paper_prints.print_download, name="print_download"),
    path("modeles/<slug:kind>/", paper_templates.template_edit, name="template_edit"),
    path("modeles/<slug:kind>/<int:version>/", paper_templates.template_version, name="template_version"),
    path("<int:pk>/", papers.paper_detail, name="paper_detail"),
    path("<int:pk>/etape/", papers.paper_step, name="paper_step"),
    path("<int:pk>/remplacer/", papers.paper_replace, name="paper_replace"),
    path("<int:pk>/<slug:extension>/", papers.paper_download, name="paper_download"),
]
