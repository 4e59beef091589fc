"""Where everything is found."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("api.urls")),
    path("", include("checking.urls")),
    path("", include("alerts.urls")),
]

handler400 = "alerts.views.errors.bad_request"
handler403 = "alerts.views.errors.forbidden"
handler404 = "alerts.views.errors.not_found"
handler500 = "alerts.views.errors.went_wrong"
