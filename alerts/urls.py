"""Pages: first those for everyone, then those for staff."""

from django.urls import URLPattern, URLResolver, include, path

from .views import (
    arabic,
    cap,
    desk,
    feeds,
    helping,
    methods,
    poster,
    public,
    record,
    results,
    seen,
    substances,
    wall,
)

for_everyone: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("alerts.txt", public.plain, name="alerts_txt"),
    path("alerts/feed.atom", feeds.AlertsFeed(), name="alerts_feed"),
    path("alerts/cap.atom", cap.CapFeed(), name="cap_feed"),
    path("alerts/<uuid:id>/", public.alert, name="alert"),
    path("alerts/<uuid:id>/cap.xml", cap.cap_xml, name="cap_xml"),
    path("alerts/<uuid:id>/cap.sig", cap.cap_signature, name="cap_signature"),
    path("alerts/<uuid:id>/seen/", seen.seen, name="seen"),
    path("alerts/<uuid:id>/seen/back/", seen.take_back, name="seen_back"),
    path("alerts/<uuid:id>/poster/", poster.poster, name="poster"),
    path("alerts/<uuid:id>/qr.svg", poster.qr, name="alert_qr"),
    path("drills/<uuid:id>/", public.drill, name="drill"),
    path(".well-known/headsup-keys.json", cap.keys, name="signing_keys"),
    path("wall/", wall.wall, name="wall"),
    path("wall/qr.svg", wall.qr, name="wall_qr"),
    path("wall/<slug:area>/", wall.wall, name="wall_area"),
    path("wall/<slug:area>/qr.svg", wall.qr, name="wall_area_qr"),
    path("ar/", arabic.arabic, name="arabic"),
    path("help/", helping.help_nearby, name="help"),
    path("help/<slug:area>/", helping.help_nearby, name="help_area"),
    path("results/", results.results, name="results"),
    path("methods/", methods.methods, name="methods"),
    path("methods/<slug:slug>/", methods.method, name="method"),
    path("substances/", substances.substances, name="substances"),
    path("substances/<str:slug>/", substances.substance, name="substance"),
    path("about/", public.about, name="about"),
    path("about/record/", record.about_record, name="about_record"),
    path("about/data/", public.about_data, name="about_data"),
]

for_staff: list[URLPattern | URLResolver] = [
    path("desk/", desk.desk, name="desk"),
    path("desk/<slug:step>/", desk.take_step, name="desk_step"),
    path("staff/", include("alerts.staff_urls")),
]

urlpatterns = [*for_everyone, *for_staff]
