"""Who draws: one process, each picture once, and readers who wait hold up nobody."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from checking import charts, drawer
from checking.drawer import CannotDraw, Drawer, TooManyWait, Worker
from checking.drawing.values import FORMATS, Drawing, Mark

DRAWING = Drawing(
    title="Xylazine", below="Release 118.", share_label="Found", count_label="n", marks=(Mark(0, "2026-W01", 31, 7),)
)
ONE = (DRAWING, "svg", "narrow")


class Slow:
    """Draws when it is let, and says how often it was asked."""

    def __init__(self) -> None:
        self.drawn: list[str] = []
        self.may_draw = threading.Event()

    def draw(self, picture: str, kind: str, size: str) -> bytes:
        self.may_draw.wait(20)
        self.drawn.append(picture)
        return picture.encode() * 10


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# Who waits for whom


def test_many_who_ask_at_once_have_it_drawn_once():
    slow = Slow()
    pictures = Drawer(slow.draw)

    with ThreadPoolExecutor(4) as readers:
        answers = [readers.submit(pictures.draw, ("a", "svg", "wide")) for _ in range(4)]
        until(lambda: pictures._waiting == 4)
        slow.may_draw.set()

    assert {answer.result() for answer in answers} == {b"a" * 10}
    assert slow.drawn == ["a"]
    assert pictures.draw(("a", "svg", "wide")) == b"a" * 10
    assert slow.drawn == ["a"]


def test_a_flood_of_different_pictures_is_refused_and_those_taken_on_are_drawn():
    slow = Slow()
    pictures = Drawer(slow.draw)

    with ThreadPoolExecutor(drawer.WAIT_AT_MOST) as readers:
        taken = [readers.submit(pictures.draw, (str(n), "svg", "wide")) for n in range(drawer.WAIT_AT_MOST)]
        until(lambda: pictures._waiting == drawer.WAIT_AT_MOST)
        with pytest.raises(TooManyWait):
            pictures.draw(("one more", "svg", "wide"))
        slow.may_draw.set()

    assert all(answer.result() for answer in taken)
    assert pictures.draw(("one more", "svg", "wide"))


def test_readers_of_one_picture_are_refused_when_they_are_too_many():
    slow = Slow()
    pictures = Drawer(slow.draw)

    with ThreadPoolExecutor(drawer.SAME_AT_MOST) as readers:
        for _ in range(drawer.SAME_AT_MOST):
            readers.submit(pictures.draw, ("a", "svg", "wide"))
        until(lambda: pictures._waiting == drawer.SAME_AT_MOST)
        with pytest.raises(TooManyWait):
            pictures.draw(("a", "svg", "wide"))
        slow.may_draw.set()


def test_only_so_many_bytes_are_kept_and_what_was_asked_for_last_stays():
    pictures = Drawer(lambda picture, *_: picture.encode() * 10, kept_bytes=25)
    asked = [(name, "svg", "wide") for name in "abc"]
    for each in (asked[0], asked[1], asked[0], asked[2]):
        pictures.draw(each)

    assert [pictures.kept(each) is not None for each in asked] == [True, False, True]


def test_a_picture_that_fails_fails_for_all_who_wait_and_can_be_asked_for_again():
    outcomes = iter([ValueError("no"), b"picture"])

    def draw(*asked: object) -> bytes:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    pictures = Drawer(draw)

    with pytest.raises(ValueError, match="no"):
        pictures.draw(("a", "svg", "wide"))
    assert pictures.draw(("a", "svg", "wide")) == b"picture"
    assert pictures._waiting == 0


# The process


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.stop()


def test_two_processes_draw_the_same_bytes(worker):
    for kind in FORMATS:
        assert worker.draw(ONE[0], kind, "wide") == charts.render(ONE[0], kind, "wide")
    assert worker.pid != os.getpid()


def test_when_the_process_is_killed_the_next_picture_is_drawn_all_the_same(worker):
    first = worker.draw(*ONE)
    killed = worker.pid
    os.kill(killed, signal.SIGKILL)

    assert worker.draw(*ONE) == first
    assert worker.pid != killed


def test_what_cannot_be_drawn_is_said_and_the_process_goes_on(worker):
    worker.draw(*ONE)
    process = worker.pid

    with pytest.raises(CannotDraw, match="KeyError"):
        worker.draw(ONE[0], "svg", "huge")

    assert worker.draw(*ONE)
    assert worker.pid == process


def test_a_process_that_answers_too_late_is_ended(worker, monkeypatch):
    worker.draw(*ONE)
    stuck = worker.pid
    os.kill(stuck, signal.SIGSTOP)
    monkeypatch.setattr(drawer, "SECONDS", 0.2)

    with pytest.raises(CannotDraw, match="longer than"):
        worker.draw(*ONE)

    monkeypatch.undo()
    assert worker.draw(*ONE)
    assert worker.pid != stuck


def test_the_process_ends_with_the_one_that_asks(worker):
    worker.draw(*ONE)
    process = worker._process

    process.stdin.close()  # as when whoever asks is gone

    assert process.wait(20) == 0
    worker.stop()


# As an answer


@pytest.mark.django_db
def test_readers_in_a_flood_are_told_when_to_come_again(client, monkeypatch):
    from checking.views.drawn import drawn

    def refuse(*asked: object) -> bytes:
        raise TooManyWait("8 wait")

    monkeypatch.setattr(charts, "pictures", Drawer(refuse))

    answer = drawn(*ONE)

    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "2", "no-store")
