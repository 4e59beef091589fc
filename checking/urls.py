"""Pages of figures, and the figures as files."""

from django.urls import path

from .views import downloads, figures, trends

urlpatterns = [
    path("trends/", trends.choose, name="trends"),
    *(pattern for kind in figures.KINDS for pattern in kind.patterns),
    path("data/", downloads.choose, name="data"),
    path("data/latest/<str:name>", downloads.latest, name="data_latest"),
    path("data/<int:number>/<str:name>", downloads.file, name="data_file"),
]
