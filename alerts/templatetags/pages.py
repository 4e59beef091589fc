"""Links that keep the language a person chose: it lives in the address, so no cookie is needed."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language_info

from checking import helping

register = template.Library()
Context = template.context.Context


@register.simple_tag(takes_context=True)
def page(context: Context, name: str, *arguments: Any) -> str:
    """The address of a page by its name, in the language chosen."""
    return _spoken(context, reverse(name, args=arguments))


@register.simple_tag(takes_context=True)
def address(context: Context, path: str) -> str:
    """A path of this site, in the language chosen."""
    return _spoken(context, path)


@register.simple_tag(takes_context=True)
def in_language(context: Context, code: str) -> str:
    """This same page in another language, with everything else that was asked for."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return f"?lang={code}"
    asked = request.GET.copy()
    asked["lang"] = code
    return f"?{asked.urlencode()}"


@register.simple_tag(takes_context=True)
def chosen_language(context: Context) -> str:
    """The language asked for in the address; empty where the browser's own preference holds."""
    return _chosen(context)


@register.filter
def language_names(codes: Iterable[str]) -> list[str]:
    """Languages by the names their speakers use; one that is not known stays as it was written."""
    return [_language_name(code) for code in codes]


@register.filter
def as_of(services: Iterable[helping.Help]) -> str:
    """When these services were found open or closed, in words."""
    return helping.as_of(services)


def _language_name(code: str) -> str:
    try:
        name = str(get_language_info(code)["name_local"])
    except KeyError:
        return code
    return name[:1].upper() + name[1:]


def _spoken(context: Context, path: str) -> str:
    code = _chosen(context)
    if not code:
        return path
    path, hash_sign, anchor = path.partition("#")
    joint = "&" if "?" in path else "?"
    return f"{path}{joint}lang={code}{hash_sign}{anchor}"


def _chosen(context: Context) -> str:
    request: HttpRequest | None = context.get("request")
    code = request.GET.get("lang", "") if request else ""
    return code if code in dict(settings.LANGUAGES) else ""
