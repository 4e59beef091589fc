"""What `python -m alerts.verify` takes for ours and for now: nothing forged, altered, replayed, or only exercised."""

import copy
import json
import random
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.utils import timezone

from alerts import lifecycle, signing
from alerts.models import AlertEvent
from alerts.verify import canonical
from alerts.verify_command import main
from config import env
from tests.alerting import make_reviewers, publish
from tests.servers import PROJECT

OTHER_SEED = env.Seed(b"another seed of thirty-two bytes")
MUTATIONS = 1000

Event = dict[str, Any]


class Said(NamedTuple):
    """What was really said, and what somebody else signed."""

    published: AlertEvent
    withdrawn: AlertEvent
    other: AlertEvent  # published, of another alert, a warning
    drill: AlertEvent
    stranger: Event  # the first, signed with a key that is not ours


@pytest.fixture
def said(db, settings) -> Said:
    published = publish("caution").events.get()
    lifecycle.withdraw_alert(published.alert, by=make_reviewers()[0], because="Mixed up: «señal» 😐 \u2028")
    withdrawn = AlertEvent.objects.get(kind="withdrawn")
    other = publish("warning", area="us-pa").events.get()
    drill = publish(is_drill=True).events.get()
    listed = signing.published_keys()
    own, settings.SIGNING_SEED = settings.SIGNING_SEED, OTHER_SEED
    stranger = signing.signed(without_signature(published.payload))
    settings.SIGNING_SEED = own
    assert stranger["signature"]["kid"] not in {key["kid"] for key in listed}
    signing.SigningKey.objects.exclude(kid__in=[key["kid"] for key in listed]).delete()
    return Said(published, withdrawn, other, drill, stranger)


class Desk:
    """The real command, on files of this test."""

    def __init__(self, folder: Path, keys: Any) -> None:
        self.folder = folder
        self.save("keys", {"keys": keys})

    def save(self, name: str, content: Any) -> str:
        file = self.folder / name
        raw = content if isinstance(content, bytes) else content.encode() if isinstance(content, str) else None
        file.write_bytes(json.dumps(content, ensure_ascii=False).encode() if raw is None else raw)
        return str(file)

    def takes(self, content: Any, *options: str, signature: Any = None) -> bool:
        beside = [] if signature is None else ["--signature", self.save("cap.sig", signature)]
        code = main([self.save("file", content), "--keys", str(self.folder / "keys"), *beside, *options])
        assert code in (0, 1)
        return code == 0


@pytest.fixture
def desk(said, tmp_path) -> Desk:
    return Desk(tmp_path, signing.published_keys())


def without_signature(event: Event) -> Event:
    return {name: value for name, value in event.items() if name != "signature"}


def page(*events: Event) -> dict[str, Any]:
    return {"results": list(events), "next": None, "previous": None}


def frame(event: Event) -> dict[str, Any]:
    return {"type": "event", "seq": event["seq"], "event": event}


def at(moment: datetime) -> list[str]:
    return ["--at", moment.isoformat()]


# What was said is taken, in each of its forms


def test_an_event_a_frame_a_page_and_a_list_are_taken(said, desk, capsys):
    first, second, third = (each.payload for each in (said.published, said.withdrawn, said.other))

    for content in (first, frame(first), page(first), page(first, second, third)):
        assert desk.takes(content)
    assert desk.takes(page(third, second), "--newest-first")

    assert capsys.readouterr().out.splitlines()[0] == (
        f"1 published caution, said {first['at']}, runs out {first['alert']['expires']}"
    )


def test_a_page_as_the_server_gives_it_is_taken(said, desk, client):
    assert desk.takes(client.get("/api/v1/events/").content)
    assert desk.takes(client.get("/api/v1/alerts/?status=all").content, "--newest-first")


def test_the_same_json_written_otherwise_is_the_same(said, desk):
    event = said.withdrawn.payload

    for written in (
        json.dumps(dict(reversed(event.items())), indent=2), json.dumps(event, ensure_ascii=True),
        canonical(event), f"\n\t {json.dumps(event)} \r\n",
    ):  # fmt: skip
        assert desk.takes(written)


def test_a_cap_message_is_taken_with_its_signature_only(said, desk, capsys):
    row = said.withdrawn

    assert desk.takes(row.cap, signature=row.cap_signature)
    assert capsys.readouterr().out.startswith("2 Cancel, said ")
    assert not desk.takes(row.cap)
    assert not desk.takes(row.cap, signature=said.published.cap_signature)


def test_it_knows_the_keys_of_its_own_installation(said, tmp_path, capsys):
    file = tmp_path / "file"
    file.write_text(json.dumps(said.published.payload))

    assert main([str(file)]) == 0
    assert capsys.readouterr().out.endswith("Genuine: 1\n")


def test_it_needs_no_settings_when_it_is_given_keys(said, desk):
    command = [sys.executable, "-m", "alerts.verify", desk.save("file", said.published.payload)]
    command += ["--keys", str(desk.folder / "keys")]

    done = subprocess.run(command, cwd=PROJECT, env={"PATH": "/usr/bin"}, capture_output=True, text=True)

    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (0, "Genuine: 1", "")


# Of now


def test_what_has_run_out_is_refused_unless_it_is_asked_as_history(said, desk, capsys):
    event, cap = said.published.payload, said.published.cap
    later = timezone.now() + timedelta(days=60)

    for content, signature in ((event, None), (cap, said.published.cap_signature)):
        assert desk.takes(content, signature=signature)
        assert desk.takes(content, *at(later - timedelta(days=59)), signature=signature)
        assert not desk.takes(content, *at(later), signature=signature)
        assert not desk.takes(content, *at(timezone.now() - timedelta(hours=1)), signature=signature)
    assert capsys.readouterr().out.count("time is over") == 2

    moved = {**event, "at": "2020-01-01T00:00:00+00:00"}
    assert not desk.takes(moved, "--history"), "altered stays altered"


def test_history_takes_what_is_over_and_nothing_from_the_future(said, desk, monkeypatch):
    monkeypatch.setattr("alerts.verify_command._now", lambda asked: timezone.now() + timedelta(days=400))
    assert not desk.takes(said.published.payload)
    assert desk.takes(said.published.payload, "--history")
    assert desk.takes(said.published.cap, "--history", signature=said.published.cap_signature)

    monkeypatch.setattr("alerts.verify_command._now", lambda asked: timezone.now() - timedelta(days=1))
    assert not desk.takes(said.published.payload, "--history")


def test_what_closed_an_alert_is_news_for_as_long_as_one_could_be_open(said, desk):
    closed = said.withdrawn.at

    assert desk.takes(said.withdrawn.payload, *at(closed + timedelta(days=13)))
    assert not desk.takes(said.withdrawn.payload, *at(closed + timedelta(days=15)))


def test_what_was_taken_before_is_refused(said, desk):
    first, second = said.published.payload, said.withdrawn.payload

    assert desk.takes(second, "--after", "1")
    assert not desk.takes(second, "--after", "2")
    assert not desk.takes(page(first, second), "--after", "1")
    assert desk.takes(said.withdrawn.cap, "--after", "1", signature=said.withdrawn.cap_signature)
    assert not desk.takes(said.withdrawn.cap, "--after", "2", signature=said.withdrawn.cap_signature)


def test_a_page_has_each_event_once_and_in_order(said, desk):
    first, second, third = (each.payload for each in (said.published, said.withdrawn, said.other))

    for wrong in (
        page(first, first), page(second, first), page(first, third, second), page(), {"results": 1},
        {**page(first), "headline": "All over"}, [first], page(frame(first)),
    ):  # fmt: skip
        assert not desk.takes(wrong)
    assert not desk.takes(page(first, third), "--newest-first")


def test_an_alert_does_not_take_a_step_twice(said, desk):
    """Nobody but us can sign it; should we ever, it is not to be taken."""
    again = signing.signed({**without_signature(said.published.payload), "seq": 2})

    assert not desk.takes(page(said.published.payload, again))


def test_a_frame_has_the_number_of_its_event_and_nothing_else(said, desk):
    event = said.published.payload

    for wrong in (
        {**frame(event), "seq": 7}, {**frame(event), "seq": True}, {**frame(event), "more": 1},
        {"type": "event", "event": event}, {"type": "event", "seq": None, "event": None}, {"type": "hello", "head": 1},
    ):  # fmt: skip
        assert not desk.takes(wrong)


def test_a_drill_is_called_one_and_taken_only_where_drills_are_awaited(said, desk, capsys):
    drill, cap, signature = said.drill.payload, said.drill.cap, said.drill.cap_signature

    assert not desk.takes(drill)
    assert not desk.takes(cap, signature=signature)
    assert capsys.readouterr().out.count("REFUSED: It is a drill: an exercise; nothing was found.") == 2

    assert desk.takes(drill, "--drill")
    assert desk.takes(cap, "--drill", signature=signature)
    assert capsys.readouterr().out.count("Genuine DRILL") == 2
    assert not desk.takes(said.published.payload, "--drill")
    assert not desk.takes(page(said.published.payload, drill))


# Keys, and files that are none


def test_a_key_signs_only_while_it_is_ours(said, desk, tmp_path):
    event, kid = said.published.payload, said.published.payload["signature"]["kid"]
    keys = signing.published_keys()
    hour = timedelta(hours=1)

    def with_times(**times: Any) -> Desk:
        return Desk(tmp_path, [{**key, **times} if key["kid"] == kid else key for key in keys])

    late, early = ((said.published.at + each).isoformat() for each in (hour, -hour))
    for each in (with_times(since=late), with_times(retired_at=early), with_times(since="yesterday"),
                 with_times(revoked_at=late)):  # fmt: skip
        assert not each.takes(event)
    assert with_times(retired_at=late).takes(event)
    assert not with_times(since=late).takes(said.published.cap, signature=said.published.cap_signature)


def test_what_cannot_be_read_is_refused_in_words(said, desk, tmp_path, capsys):
    event = desk.save("event", said.published.payload)
    for keys in ("missing", desk.save("no keys", [1]), desk.save("odd keys", {"keys": [1]})):
        assert main([event, "--keys", str(tmp_path / keys)]) == 1
    assert main([str(tmp_path / "missing"), "--keys", str(tmp_path / "keys")]) == 1

    said_so = capsys.readouterr().out.splitlines()
    assert len(said_so) == 4
    assert all(line.startswith("REFUSED: ") for line in said_so)


@pytest.mark.parametrize(
    ("before", "after"),
    [("Actual", "Draft"), ("<msgType>Alert", "<msgType>Ack"), ("<msgType>Alert", "<msgType>Update"),
     ("<identifier>", "<identifier>drill."), ("<expires>", "<expires>soon")],
)  # fmt: skip
def test_a_cap_message_that_is_at_odds_with_itself_is_refused_though_signed(said, desk, before, after):
    odd = said.published.cap.replace(before, after)
    assert odd != said.published.cap

    assert not desk.takes(odd, signature=signing.sign(odd.encode(), is_drill=False))


# A thousand mutations: each way is a generator of (content, options, signature)

Forgery = tuple[Any, list[str], Any]
Way = Callable[[Said, random.Random], Forgery]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield path, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        yield from places(each, (*path, name))


def put(event: Event, path: tuple[Any, ...], value: Any) -> Event:
    copied = copy.deepcopy(event)
    place: Any = copied
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return copied


def at_a_place(event: Event, rng: random.Random, fits: Callable[[Any], bool]) -> tuple[tuple[Any, ...], Any]:
    return rng.choice([(path, value) for path, value in places(event) if path and fits(value)])


def flipped(content: bytes, rng: random.Random) -> bytes:
    raw = bytearray(content)
    raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    return bytes(raw)


def flip(said: Said, rng: random.Random) -> Forgery:
    indent = rng.choice([None, 1])
    return flipped(json.dumps(said.withdrawn.payload, ensure_ascii=False, indent=indent).encode(), rng), [], None


def swap(said: Said, rng: random.Random) -> Forgery:
    event, other = rng.sample([said.published.payload, said.withdrawn.payload, said.other.payload], 2)
    theirs = dict(places(other))
    common = [path for path, value in places(event) if path and path in theirs and theirs[path] != value]
    path = rng.choice(common)
    return put(event, path, theirs[path]), [], None


def drop(said: Said, rng: random.Random) -> Forgery:
    event = copy.deepcopy(said.withdrawn.payload)
    _, place = rng.choice([(path, value) for path, value in places(event) if value and isinstance(value, (dict, list))])
    place.pop(rng.choice(sorted(place)) if isinstance(place, dict) else rng.randrange(len(place)))
    return event, [], None


def add(said: Said, rng: random.Random) -> Forgery:
    event = copy.deepcopy(said.published.payload)
    _, place = rng.choice([(path, value) for path, value in places(event) if isinstance(value, (dict, list))])
    value = rng.choice([None, 0, "", "more", [], {}])
    if isinstance(place, list):
        place.insert(rng.randint(0, len(place)), value)
    else:
        place[rng.choice(["more", "", "Kind", "seq "])] = value
    return event, [], None


def reorder(said: Said, rng: random.Random) -> Forgery:
    event = said.published.payload
    path, value = at_a_place(event, rng, lambda value: isinstance(value, list) and len(value) > 1)
    return put(event, path, [*value[1:], value[0]]), [], None


def renumber(said: Said, rng: random.Random) -> Forgery:
    """A number written in another way, or as another type."""
    text = json.dumps(put(said.published.payload, ("seq",), "NUMBER"), ensure_ascii=False)
    forms = ["1.0", "1e0", "10e-1", "true", '"1"', "01", "+1", "1.00000000000000000001", "0x1", "[1]", "-1", "2", "1."]
    return text.replace('"NUMBER"', rng.choice(forms)), [], None


def renormalise(said: Said, rng: random.Random) -> Forgery:
    """Letters that look the same: another normal form, another script, or with nothing in between."""
    event = said.withdrawn.payload
    path, value = at_a_place(event, rng, lambda value: isinstance(value, str) and any(c in value for c in "áéíóúñ"))
    cut = rng.randrange(len(value))
    other = rng.choice([
        unicodedata.normalize("NFD", value), value[:cut] + "\u200b" + value[cut:], value[:cut] + "\u00ad" + value[cut:],
        value.replace("a", "а").replace("o", "о"), value.upper(), f"{value} ",
    ])  # fmt: skip
    return put(event, path, other), [], None


def replay(said: Said, rng: random.Random) -> Forgery:
    """True, and not of now, or not news: after its number, after its end, twice, or before what it follows."""
    first, second, third = (each.payload for each in (said.published, said.withdrawn, said.other))
    after = str(rng.randint(first["seq"], 99))
    late = timezone.now() + timedelta(days=rng.randint(15, 900))
    return rng.choice([
        (first, ["--after", after], None), (first, at(late), None), (third, at(late), None), (second, at(late), None),
        (said.published.cap, ["--after", after], said.published.cap_signature),
        (said.withdrawn.cap, at(late), said.withdrawn.cap_signature),
        (page(first, first), [], None), (page(second, first), [], None), (page(first, second, first), [], None),
        (frame(first) | {"seq": rng.randint(2, 99)}, [], None),
    ])  # fmt: skip


def other_key(said: Said, rng: random.Random) -> Forgery:
    kid = rng.choice([said.published.payload, said.stranger, said.drill.payload])["signature"]["kid"]
    return put(said.stranger, ("signature", "kid"), kid), [], None


def other_signature(said: Said, rng: random.Random) -> Forgery:
    event, other = rng.sample([said.published.payload, said.withdrawn.payload, said.other.payload], 2)
    whole = {**event, "signature": other["signature"]}
    return rng.choice([whole, page(whole), put(event, ("signature", "value"), other["signature"]["value"])]), [], None


def exercise(said: Said, rng: random.Random) -> Forgery:
    """A drill as live, live as a drill."""
    drill, live = said.drill.payload, said.other.payload
    as_live = put(drill, ("alert", "drill"), False)
    return rng.choice([
        (drill, [], None), (as_live, [], None), (live, ["--drill"], None),
        (put(live, ("alert", "drill"), True), ["--drill"], None), (page(live, drill), [], None),
        ({**as_live, "signature": live["signature"]}, [], None),
        (said.drill.cap, [], said.drill.cap_signature),
        (said.drill.cap.replace("Exercise", "Actual"), [], said.drill.cap_signature),
    ])  # fmt: skip


def cap(said: Said, rng: random.Random) -> Forgery:
    """The text, the attributes, the order and the spaces of a CAP message: it is signed byte for byte."""
    message, signature = said.other.cap, said.other.cap_signature
    lines = message.splitlines(keepends=True)
    one, other = sorted(rng.sample(range(1, len(lines)), 2))
    return rng.choice([
        flipped(message.encode(), rng),
        "".join([*lines[:one], *lines[one + 1 :]]),
        "".join([*lines[:one], lines[one], *lines[one:]]),
        "".join([*lines[:one], lines[other], *lines[one + 1 : other], lines[one], *lines[other + 1 :]]),
        message.replace(lines[one], lines[one].replace(">", ' more="1">', 1)),
        message.replace("\n", rng.choice(["\r\n", " \n", "\n\n"]), rng.randint(1, 9)),
        unicodedata.normalize("NFD", message), message + rng.choice(["\n", " ", "<!-- x -->"]),
        message.replace("Severe", "Minor").replace("Extreme", "Minor"), said.withdrawn.cap,
    ]), [], signature  # fmt: skip


def cap_signature(said: Said, rng: random.Random) -> Forgery:
    own, theirs = said.other.cap_signature, said.published.cap_signature
    return said.other.cap, [], rng.choice([
        theirs, {**own, "value": theirs["value"]}, {**own, "alg": rng.choice(["none", "HS256", "ed25519", ""])}, {}, [],
        {**own, "kid": said.drill.cap_signature["kid"]}, {**own, "more": 1}, {**own, "value": own["value"] + "="},
        said.other.payload["signature"], {**own, "value": own["value"][: rng.randrange(86)]},
    ])  # fmt: skip


WAYS: tuple[Way, ...] = (
    flip, flip, swap, drop, add, reorder, renumber, renormalise, replay, other_key, other_signature, exercise,
    cap, cap, cap_signature,
)  # fmt: skip


def is_unchanged(way: Way, content: Any, said: Said) -> bool:
    """True where a mutation by chance left the very content, or only wrote the same JSON anew."""
    if way is cap:
        return bool(content in (said.other.cap, said.other.cap.encode()))
    if way in (replay, exercise, cap_signature):
        return False
    try:
        read = content if isinstance(content, (dict, list)) else json.loads(content)
    except ValueError:
        return False
    genuine = [each.payload for each in (said.published, said.withdrawn, said.other)]
    return any(json.dumps(read, sort_keys=True) == json.dumps(each, sort_keys=True) for each in genuine)


def test_of_a_thousand_mutations_each_is_refused_and_what_was_said_is_taken(said, desk, capsys):
    rng = random.Random(20261123)
    through: list[tuple[str, Any]] = []
    unchanged = 0

    for number in range(MUTATIONS):
        way = WAYS[number % len(WAYS)]
        content, options, signature = way(said, rng)
        if is_unchanged(way, content, said):
            unchanged += 1
        elif desk.takes(content, *options, signature=signature):
            through.append((way.__name__, content))
    refusals = capsys.readouterr().out.splitlines()

    assert through == []
    assert len(refusals) == MUTATIONS - unchanged
    assert unchanged <= 10, "nearly every mutation has to be one"
    assert len({line.split(":")[1] for line in refusals}) > 15, "they are refused for many reasons, not for one"
    takes = partial(desk.takes, page(*(each.payload for each in (said.published, said.withdrawn, said.other))))
    assert takes()
    assert all(desk.takes(each.cap, signature=each.cap_signature) for each in (said.published, said.other))
