"""Pages: first those for everyone, then those for staff."""

from django.urls import URLPattern, URLResolver, include, path

from .views import feeds, methods, public, results

for_everyone: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("alerts.txt", public.plain, name="alerts_txt"),
    path("alerts/feed.atom", feeds.AlertsFeed(), name="alerts_feed"),
    path("alerts/<uuid:id>/", public.alert, name="alert"),
    path("help/", public.help_nearby, name="help"),
    path("help/<slug:area>/", public.help_nearby, name="help_area"),
    path("results/", results.results, name="results"),
    path("methods/", methods.methods, name="methods"),
    path("methods/<slug:slug>/", methods.method, name="method"),
    path("about/", public.about, name="about"),
    path("about/data/", public.about_data, name="about_data"),
]

for_staff: list[URLPattern | URLResolver] = [path("staff/", include("alerts.staff_urls"))]

urlpatterns = [*for_everyone, *for_staff]
