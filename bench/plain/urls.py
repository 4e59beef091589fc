from django.urls import path

from .views import SamplesView

urlpatterns = [path("api/v1/samples/", SamplesView.as_view())]
