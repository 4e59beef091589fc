"""Pages of figures."""

from django.urls import path

from .views import trends

urlpatterns = [
    path("trends/", trends.choose, name="trends"),
    path("trends/<slug:area>/<slug:substance>/", trends.show, name="trend"),
    path("trends/<slug:area>/<slug:substance>/chart.<str:kind>", trends.chart, name="trend_chart"),
    path("trends/<slug:area>/<slug:substance>/data.csv", trends.data, name="trend_data"),
]
