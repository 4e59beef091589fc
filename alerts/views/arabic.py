"""What to do now, in Arabic: the steps and the help that hold whatever was found."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def arabic(request: HttpRequest) -> HttpResponse:
    response = render(request, "help/ar.html")
    response["Content-Language"] = "ar"
    return response
