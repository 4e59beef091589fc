"""Pages of figures, and the figures as files."""

from django.urls import path

from .views import downloads, trends

urlpatterns = [
    path("trends/", trends.choose, name="trends"),
    path("trends/<slug:area>/<slug:substance>/", trends.show, name="trend"),
    path("trends/<slug:area>/<slug:substance>/chart.<str:kind>", trends.chart, name="trend_chart"),
    path("trends/<slug:area>/<slug:substance>/data.csv", trends.data, name="trend_data"),
    path("data/", downloads.choose, name="data"),
    path("data/latest/<str:name>", downloads.latest, name="data_latest"),
    path("data/<int:number>/<str:name>", downloads.file, name="data_file"),
]
