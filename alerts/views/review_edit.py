"""The composer: an alert's ten blocks in order, in every language, with every format beside them.

Words go through the word check before they are saved. The sentence that says how sure it is, and what a
strip would not show, are computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from checking.helping import services_near
from checking.staff_rights import may_review

from .. import blocks, messages, objecting, placing, preview, rewording, word_check
from ..grading import level_of
from ..levels import Cap
from ..lifecycle import latest
from ..models import Alert, AlertContent
from ..showing import LEVEL_WORDS, RUNG_WORDS
from ..word_check import CLINICIANS, Objection
from .composer_forms import SettingForm, WordingForm, initial_of, with_ticks
from .review import REFUSALS, find_alert
from .staff_door import for_staff
from .staff_entry import person
from .staff_forms import all_are_valid

# The ten blocks in their order (docs/rules.md C5), then the text message and what is for clinicians alone.
ORDER = ("headline", "actions", "looks", "found", "signs", "helps", "strips", "near", "dates", "who", "sms", CLINICIANS)
HEADINGS: Mapping[str, str | Promise] = {
    "headline": gettext_lazy("Headline: sold as, found, where"),
    "actions": gettext_lazy("What to do now"),
    "looks": gettext_lazy("What it looks like"),
    "found": gettext_lazy("What was found, and how sure"),
    "signs": gettext_lazy("Signs of trouble"),
    "helps": gettext_lazy("What helps in trouble"),
    "strips": gettext_lazy("What a strip would not show"),
    "near": gettext_lazy("Help nearby"),
    "dates": gettext_lazy("Dates"),
    "who": gettext_lazy("Who says so"),
    "sms": gettext_lazy("Text message"),
    CLINICIANS: gettext_lazy("For clinicians, apart"),
}
NOTES: Mapping[str, str | Promise] = {
    "actions": gettext_lazy("Three to five steps, from small to large. None is a demand."),
    "looks": gettext_lazy("Colour, form and imprint stay out unless they help, and never without the caveat."),
    "found": gettext_lazy("The sentence under the boxes is computed from the methods. It cannot be changed here."),
    "strips": gettext_lazy("The list under the boxes is computed from what is known of each strip."),
    "near": gettext_lazy("Looked up when someone reads it; nothing to write."),
    CLINICIANS: gettext_lazy("Staff see this. It is in no public text, message, feed or API."),
}
ROUTES: Mapping[str, str | Promise] = {
    "smoke": gettext_lazy("smoke"),
    "snort": gettext_lazy("snort"),
    "inject": gettext_lazy("inject"),
    "swallow": gettext_lazy("swallow"),
}


@dataclass(frozen=True)
class Composed:
    """What a person made of an alert, not saved yet."""

    body: dict[str, Any]
    level: str
    cap: Cap
    objections: list[Objection]


@for_staff(may_review)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, id: UUID) -> HttpResponse:
    """Other words for an alert. Approvals stay with the words they were given to."""
    found = find_alert(request, id)
    content = latest(found)
    if request.method != "POST":
        setting, wordings = _forms(request, content)
        return render(request, "review/edit.html", _context(content, setting, wordings))
    setting, wordings = _forms(request, content)
    composed = _compose(content, setting, wordings)
    if all_are_valid([setting, *wordings]) and not word_check.must_mend(composed.objections):
        try:
            _save(request, found, setting, composed)
        except REFUSALS as refused:
            wordings[0].add_error(None, str(refused))
        else:
            notes.success(request, _("The new words are saved. They need approval anew."))
            return redirect("review_alert", id)
    return render(request, "review/edit.html", _context(content, setting, wordings, composed), status=400)


@for_staff(may_review)
@require_POST
def show_preview(request: HttpRequest, id: UUID) -> HttpResponse:
    """Every format of what is typed: the fragment for a script that asks for it, else the whole page with it."""
    found = find_alert(request, id)
    content = latest(found)
    setting, wordings = _forms(request, content)
    composed = _compose(content, setting, wordings)
    if request.headers.get("X-Fragment") == "preview":
        return render(request, "review/_preview.html", _preview_context(content, composed))
    return render(request, "review/edit.html", _context(content, setting, wordings, composed, is_previewed=True))


def _forms(request: HttpRequest, content: AlertContent) -> tuple[SettingForm, list[WordingForm]]:
    data = with_ticks(request.POST) if request.method == "POST" else None
    places = placing.places_for(content.alert, person(request))
    wordings = [
        WordingForm(data, language=language, prefix=language, initial=initial_of(block, language))
        for language, block in content.body["blocks"].items()
    ]
    return SettingForm(data, content=content, places=places), wordings


def _compose(content: AlertContent, setting: SettingForm, wordings: Sequence[WordingForm]) -> Composed:
    """The content as typed, with what is computed put right: how sure, the place, the level."""
    cap = setting.cap()
    held = Cap(content.severity, content.certainty, content.urgency)
    level = content.level if cap == held else level_of(cap)  # a rule's notice stays one until someone grades it
    place = setting.place()
    earlier_name = str(content.body.get("area_name", ""))
    body = {**content.body, "blocks": {}}
    if place is not None:
        body |= {"areas": [place.slug], "area_name": place.name if earlier_name else ""}
    body.pop("overrides", None)
    if reason := str(setting["stamp_reason"].value() or "").strip():
        body["overrides"] = {"brand_stamp": reason}
    rung = str(body.get("evidence", {}).get("rung", "reported"))
    for form in wordings:
        block = {**content.body["blocks"][form.language], **form.typed()}
        if form.language in messages.LANGUAGES:
            spoken = messages.words(form.language)
            block["found"] = rewording.locked(block["found"], spoken, rung)
            block = rewording.levelled(block, spoken, before=content.level, now=level)
        body["blocks"][form.language] = rewording.placed(block, before=earlier_name, now=body.get("area_name", ""))
    found = objecting.objections_to(body, level=level)  # before the text message is cut to its room
    body["blocks"] = {each: messages.reworded(block, each) for each, block in body["blocks"].items()}
    return Composed(body, level, cap, found)


def _save(request: HttpRequest, alert: Alert, setting: SettingForm, composed: Composed) -> None:
    version = request.POST.get("version", "")
    placing.save_words(
        alert,
        by=person(request),
        area=setting.place() or alert.area,
        level=composed.level,
        cap=composed.cap,
        body=composed.body,
        version=int(version) if version.isdigit() else 0,
    )


def _context(
    content: AlertContent,
    setting: SettingForm,
    wordings: Sequence[WordingForm],
    composed: Composed | None = None,
    *,
    is_previewed: bool = False,
) -> dict[str, Any]:
    now = composed or _compose(content, setting, wordings)
    return {
        "alert": content.alert,
        "content": content,
        "setting": setting,
        "wordings": wordings,
        "sections": [_section(name, wordings, now.body) for name in ORDER],
        "services": services_near(now.body["areas"]),
        "shown": " ".join(block.id for name in blocks.KINDS for block in _said(name, wordings, now.body)),
        "is_refused": composed is not None and not is_previewed,
        "is_movable": content.alert.state in placing.MOVABLE,
        **_preview_context(content, now),
    }


def _preview_context(content: AlertContent, composed: Composed) -> dict[str, Any]:
    language = get_language() or "en"
    return {
        "objections": [
            {"it": each, "why": each.why(language), "where": HEADINGS.get(each.block, "")}
            for each in composed.objections
        ],
        "must_mend": len(word_check.must_mend(composed.objections)),
        "level": composed.level,
        "level_word": LEVEL_WORDS[composed.level],
        "previews": preview.previews(content.alert, composed.body, level=composed.level, cap=composed.cap),
        "clinicians": {each: block.get(CLINICIANS, []) for each, block in composed.body["blocks"].items()},
    }


def _section(name: str, wordings: Sequence[WordingForm], body: Mapping[str, Any]) -> dict[str, Any]:
    """One block of the page: its boxes, what the library offers for it, and what is computed."""
    said = {block.id for block in _said(name, wordings, body)}
    return {
        "name": name,
        "heading": HEADINGS[name],
        "note": NOTES.get(name, ""),
        "fields": [form[name] for form in wordings if name in form.fields],
        "ticks": [
            {
                "block": block,
                "is_said": block.id in said,
                "route": ROUTES.get(block.route, ""),
                "texts": _by_text(block),
            }
            for block in _offered(name, body)
        ],
        "computed": _computed(name, wordings, body),
    }


def _offered(name: str, body: Mapping[str, Any]) -> list[blocks.Block]:
    return blocks.offered(name, {*body["classes"], *body["substances"]}) if name in blocks.KINDS else []


def _said(name: str, wordings: Sequence[WordingForm], body: Mapping[str, Any]) -> list[blocks.Block]:
    typed = {form.language: form.typed().get(name, []) for form in wordings}
    return [block for block in _offered(name, body) if blocks.is_said(block, typed)]


def _by_text(block: blocks.Block) -> list[tuple[str, str]]:
    return list(block.texts.items())


def _computed(name: str, wordings: Sequence[WordingForm], body: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """What nobody writes, by language."""
    spoken = [form.language for form in wordings if form.language in messages.LANGUAGES]
    if name == "found":
        rung = str(body.get("evidence", {}).get("rung", "reported"))
        return [(each, [rewording.rung_line(messages.words(each), rung)]) for each in spoken if rung in RUNG_WORDS]
    if name == "strips":
        return [(each, lines) for each in spoken if (lines := objecting.strip_sentences(body, each))]
    return []
