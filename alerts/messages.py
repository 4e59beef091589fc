"""The words people read: composed of plain facts, in every language, always in the same order.

A person's wording may replace any of it. The frame is held by tests: actions before chemistry, a strip
never confirms, nothing is safe, no form or colour unless a person added it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from checking.readings import Subject

from . import blocks as block_library
from . import reasons, rewording, sms_room

LANGUAGES = ("en", "es")
BLOCKS = ("actions", "looks", "found", "signs", "helps", "strips", "dates", "who")  # docs/rules.md C5
_CLAIMS = ("facts", "evidence", "substances")
_CLAIMING = ("headline", "sms", "found", "strips")  # what says how much was found, and how sure
ROOM_FOR_NUMBER = 8  # places at the end of a text message, for " 1234567"

# Which class decides which words; the first that fits. Slugs of the class tree.
_GROUPS = (
    ("opioid", ("opioid",)),
    ("alpha2", ("alpha2_agonist",)),
    ("sedative", ("sedative", "gabapentinoid")),
    ("stimulant", ("stimulant", "entactogen", "cathinone", "piperazine")),
    ("psychedelic", ("psychedelic", "phenethylamine", "lysergamide")),
)
_STEPS = {"opioid": "opioid", "alpha2": "sedative", "sedative": "sedative"}


@dataclass(frozen=True)
class Facts:
    """What there is to say."""

    kind: str  # lab, two_methods, reading (one instrument), strip, amount, reported, fallen (nothing sound is left)
    expected: tuple[Subject, ...]  # empty: not known
    found: tuple[Subject, ...]
    area: str  # slug
    area_name: str
    week: str  # 2026-W47
    rung: str  # reported, presumptive, confirmed
    network: str
    samples: int = 1
    sites: int = 1
    techniques: int = 1
    level: str = "notice"
    is_reviewed: bool = False
    is_trace: bool = False
    is_residue: bool = False
    strip: str = ""  # slug of the strip, for kind `strip`
    amount: str = ""  # such as "240 mg", for kind `amount`
    more: Mapping[str, Any] = field(default_factory=dict)


def compose(facts: Facts, own: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> dict[str, Any]:
    """The content of an alert, as `AlertContent.body` holds it. `own`: by language, what `rule_words` keeps."""
    named = () if facts.kind == "strip" else tuple(each for each in facts.found if not each.is_class)
    classes = dict.fromkeys(slug for each in facts.found for slug in reversed(each.classes))
    return {
        "areas": [facts.area],
        "area_name": facts.area_name,
        "substances": [each.slug for each in named],
        "classes": list(classes),
        "expected": [each.slug for each in facts.expected],
        "evidence": {
            "rung": rewording.rung_said(facts.kind, facts.rung),
            "samples": facts.samples,
            "sites": facts.sites,
            "techniques": facts.techniques,
        },
        "week": facts.week,
        "network": facts.network,
        "facts": {"kind": facts.kind, "amount": facts.amount},  # what the words claim (`alerts.resting`)
        "blocks": {language: _blocks(facts, language, own.get(language, {})) for language in LANGUAGES},
    }


def as_drill(body: Mapping[str, Any]) -> dict[str, Any]:
    """The same, saying in every text that it is an exercise."""
    blocks = {}
    for language, block in body["blocks"].items():
        says = words(language)["drill"]
        short = says.split(".")[0]
        blocks[language] = {
            **block,
            "headline": f"{short}: {block['headline']}",
            "sms": fitted(f"{short}: {block['sms']}"),
            "body": f"{says}\n\n{block['body']}",
        }
    return {**body, "blocks": blocks}


def with_news(body: Mapping[str, Any], facts: Facts | None, *, news: str) -> dict[str, Any]:
    """The same after what became of a result it rests on; `facts` is what there is to say now, if that is known.

    What was found, the headline and the text message are composed anew where something else stands than they
    say; so is who says so where only a rule had. `news` is a key of `since` in the words; empty: nobody heard yet.
    """
    anew = compose(facts) if facts else body
    is_other = any(body.get(name) != anew.get(name) for name in _CLAIMS)
    blocks = {}
    for language, block in body["blocks"].items():
        since, new = words(language)["since"], anew["blocks"][language]
        names = [*(_CLAIMING if is_other else ()), *(("sms", "who") if _is_a_rules(block, body, language) else ())]
        changed = {**block, **{name: new[name] for name in names}}
        earlier = [line for line in changed["found"] if line not in since.values()]
        changed["found"] = [since[news], *earlier] if news else earlier
        blocks[language] = {**changed, "body": _body(changed, language)}
    kept = _CLAIMS if anew["substances"] else _CLAIMS[:2]  # where nothing is left, it is still about the same
    return {**body, **{name: anew[name] for name in kept if name in anew}, "blocks": blocks}


def _is_a_rules(block: Mapping[str, Any], body: Mapping[str, Any], language: str) -> bool:
    return list(block["who"]) == [line.format(network=body.get("network")) for line in words(language)["who"]["rule"]]


def reworded(block: Mapping[str, Any], language: str) -> dict[str, Any]:
    """One language's words as a person wrote them. The plain text follows from its parts."""
    return {**block, "sms": fitted(block["sms"]), "body": _body(block, language)}


def as_said(
    body: Mapping[str, Any], *, level: str, kind: str, because: str, first_sent: datetime
) -> dict[str, dict[str, Any]]:
    """The texts of one step, per language: as composed, or with what became of it in front."""
    return {language: _text_of_step(body, language, level, kind, because, first_sent) for language in body["blocks"]}


def numbered(sms: str, seq: int) -> str:
    """The number people can name when they ask about it."""
    return f"{sms} {seq}"


def fitted(sms: str) -> str:
    """In letters of a text message, short enough for two segments with its number. Cut at a word."""
    return sms_room.fitted(sms)


@cache
def words(language: str) -> dict[str, Any]:
    """The frame of sentences, with what the library of blocks says where nobody chooses."""
    file = Path(__file__).parent / "words" / f"{language}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    said = block_library.composed(language)
    first = {"first": said["actions"]["first"][0]}
    return {**found, **said, "actions": {**said["actions"], **first}}


def monday(week: str) -> date:
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1)


def week_of(day: date) -> str:
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def day_in_words(day: date, language: str) -> str:
    spoken = words(language)
    return str(spoken["day"].format(day=day.day, month=spoken["month_names"][day.month - 1], year=day.year))


def _blocks(facts: Facts, language: str, own: Mapping[str, Any]) -> dict[str, Any]:
    spoken = words(language)
    named = {
        "expected": _list(facts.expected, language),
        "found": _list(facts.found, language),
        "strip": spoken["strip_names"].get(facts.strip, spoken["strip_names"]["other"]),
        "amount": facts.amount,
        "area": facts.area_name,
        "monday": day_in_words(monday(facts.week), language),
        "network": facts.network,
        "level": spoken["levels"][facts.level].lower(),
    }
    headline = _headline(facts, named, spoken, own)
    groups, steps = _groups(facts), steps_of(facts)
    block: dict[str, Any] = {
        "headline": headline,
        "actions": [spoken["actions"]["first"], *spoken["actions"][steps]],
        "looks": list(spoken["looks"]),
        "found": _found(facts, named, spoken),
        "signs": _each(spoken["signs"], groups),
        "helps": _each(spoken["helps"], [*groups, *_singled_out(facts, spoken["helps"])]),
        "strips": _each(spoken["strips"], _strip_groups(facts, spoken["strips"])),
        "dates": [line.format_map(named) for line in _dates(facts, spoken)],
        "who": [line.format_map(named) for line in spoken["who"]["people" if facts.is_reviewed else "rule"]],
    }
    for name, difference in own.get("lists", {}).items():
        block[name] = _differently(block[name], difference)
    block["sms"] = _sms(facts, headline, own.get("steps") or spoken["sms_steps"][steps], spoken)
    block["body"] = _body(block, language)
    return block


def _differently(lines: Sequence[str], difference: Mapping[str, Any]) -> list[str]:
    """The library's lines as a rule's reviewers changed them. A line put in before one not there comes last."""
    said = [line for line in lines if line not in difference["left_out"]]
    for line, before in difference["put_in"]:
        said.insert(said.index(before) if before in said else len(said), line)
    return said


def _headline(facts: Facts, named: Mapping[str, str], spoken: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    name = "headline" if facts.expected else "headline_unknown"
    found = spoken["trace"].format_map(named) if facts.is_trace else named["found"]
    kind = rewording.kind_said(facts.kind, facts.rung)
    # A rule's own headline says as much as its kind of evidence; with less, what may be said is locked.
    template = (own.get(name) if kind == facts.kind else "") or spoken[name][kind]
    said = str(template.format_map({**named, "found": found}))
    return _capital(spoken["residue"].format(headline=said)) if facts.is_residue else said


def _found(facts: Facts, named: Mapping[str, str], spoken: Mapping[str, Any]) -> list[str]:
    lines = spoken["found"]
    kind, rung = rewording.kind_said(facts.kind, facts.rung), rewording.rung_said(facts.kind, facts.rung)
    if kind in {"reported", "fallen"}:
        first = [lines["place_reported"], lines["reported"]] if kind == "reported" else [lines["fallen"]]
        said = [*first, rewording.rung_line(spoken, rung)]
        return [line.format_map(named) for line in said]
    said = [lines["place"], lines[kind]]
    said += [lines["trace"]] if facts.is_trace else []
    said += [lines["residue"]] if facts.is_residue else []
    said += [rewording.rung_line(spoken, rung), lines["uneven"]]
    return [line.format_map(named) for line in said]


def _dates(facts: Facts, spoken: Mapping[str, Any]) -> Sequence[str]:
    is_reported = rewording.kind_said(facts.kind, facts.rung) == "reported"
    lines: Sequence[str] = spoken["dates_reported" if is_reported else "dates"]
    return lines


def _sms(facts: Facts, headline: str, steps: str, spoken: Mapping[str, Any]) -> str:
    review = "" if facts.is_reviewed else f" {spoken['not_reviewed']}"
    # A drill's mark and an update's word may come before it: there is room for both.
    before = f"{spoken['closing']['updated']['word']}. {spoken['drill'].split('.')[0]}: "
    return sms_room.around(
        lambda found: spoken["sms"].format(
            level=spoken["levels"][facts.level].upper(),
            not_reviewed=review,
            area=facts.area_name,
            headline=found,
            steps=steps,
            network=facts.network,
        ),
        headline[:1].lower() + headline[1:],
        before=before,
    )


def _body(block: Mapping[str, Any], language: str) -> str:
    headings = words(language if language in LANGUAGES else "en")["headings"]
    parts = ["\n".join([headings[name], *(f"- {line}" for line in block[name])]) for name in BLOCKS if block.get(name)]
    return "\n\n".join([block["headline"], *parts])


def _text_of_step(
    body: Mapping[str, Any], language: str, level: str, kind: str, because: str, first_sent: datetime
) -> dict[str, Any]:
    block = body["blocks"][language]
    spoken = words(language if language in LANGUAGES else "en")
    closing = spoken["closing"].get(kind)
    if closing is None:
        return {"sms": block["sms"], "body": block["body"], "blocks": _only_blocks(block)}
    named = spoken["levels"][level].lower()
    text = closing["text"].format(level=named, day=day_in_words(first_sent.date(), language))
    headline = f"{closing['word']}: {block['headline']}"
    if kind == "updated":
        sms = fitted(f"{closing['word']}. {block['sms']}")
    else:
        sms = sms_room.around(
            lambda headline: spoken["closing_sms"].format(
                word=closing["word"].upper(),
                area=body.get("area_name", ""),
                headline=headline,
                text=text,
                network=body.get("network", ""),
            ),
            block["headline"],
        )
    opening = "\n".join(part for part in (headline, text, reasons.said_in(language, because)) if part)
    return {
        "sms": sms,
        "body": f"{opening}\n\n{block['body']}",
        "blocks": {**_only_blocks(block), "headline": headline},
    }


def steps_of(facts: Facts) -> str:
    """Which of the library's first steps fit, by what was found."""
    if facts.kind == "amount":
        return "amount"
    return next((_STEPS[each] for each in _groups(facts) if each in _STEPS), "other")


def _only_blocks(block: Mapping[str, Any]) -> dict[str, Any]:
    """What the public hears: the blocks in their order. Words for clinicians stay with staff."""
    return {"headline": block["headline"], **{name: list(block.get(name, ())) for name in BLOCKS}}


def _groups(facts: Facts) -> list[str]:
    classes = {slug for each in facts.found for slug in each.classes}
    return [name for name, members in _GROUPS if classes & set(members)] or ["other"]


def _singled_out(facts: Facts, table: Mapping[str, Any]) -> list[str]:
    return [each.slug for each in facts.found if each.slug in table]


def _strip_groups(facts: Facts, table: Mapping[str, Any]) -> list[str]:
    if facts.kind == "amount":
        return ["amount"]
    fitting = (next((slug for slug in (each.slug, *each.classes) if slug in table), "other") for each in facts.found)
    return list(dict.fromkeys(fitting)) or ["other"]


def _each(table: Mapping[str, Sequence[str]], names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(line for name in dict.fromkeys(names) for line in table.get(name, ())))


def _list(subjects: Sequence[Subject], language: str) -> str:
    spoken = words(language)
    names = [name_of(each, language) for each in subjects]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {spoken['and']} {names[-1]}"


def name_of(subject: Subject, language: str) -> str:
    """As people say it, where that is not the vocabulary's own name."""
    usual = subject.name if language == "en" else subject.name_es
    return str(words(language)["names"].get(subject.slug, usual))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
