"""The one writer: what waits shares a commit, and each hears what became of its own."""

import threading
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError

from checking import writing
from checking.models import ImportRun
from checking.writing import Refusal, Writer
from tests.factories import make_site

pytestmark = pytest.mark.django_db(transaction=True)


class Marks:
    """Work of one kind: each item is a mark, kept as a row, and answered with its length."""

    def __init__(self, site: Any) -> None:
        self.site = site
        self.stored: list[int] = []  # how many at a time
        self.breaks_while_answering = False

    def prepare(self, items: Sequence[str]) -> list[Any]:
        return [mark or ValueError("blank") for mark in items]

    def store(self, prepared: Sequence[str]) -> list[Any]:
        self.stored.append(len(prepared))
        done: list[Any] = []
        for mark in prepared:
            if mark == "refused":
                done.append(Refusal("no"))
            elif mark == "broken":
                raise IntegrityError("broken")
            else:
                ImportRun.objects.create(site=self.site, file_format=mark[:20])
                done.append(mark)
        return done

    def answer(self, stored: Sequence[str]) -> list[Any]:
        if self.breaks_while_answering:
            raise OperationalError("away")
        return [len(mark) for mark in stored]


class Heard:
    """What those who wait were told, by mark."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.last = threading.Event()

    def about(self, mark: str) -> Any:
        def hear(done: Any, failure: BaseException | None) -> None:
            self.told[mark] = done if failure is None else type(failure).__name__
            if mark == "last":
                self.last.set()

        return hear


@pytest.fixture
def marks():
    return Marks(make_site())


@pytest.fixture
def writer():
    return writing.writer  # its thread keeps a connection: one for all tests


def write_together(writer: Writer, marks: Marks, many: Sequence[str]) -> dict[str, Any]:
    """What each was told, where all waited while the writer was at something else."""
    heard, began, go = Heard(), threading.Event(), threading.Event()

    def hold() -> None:
        writer.do(lambda: (began.set(), go.wait(10)))

    holding = threading.Thread(target=hold)
    holding.start()
    assert began.wait(10)
    for mark in (*many, "last"):
        writer.join(marks, mark, heard.about(mark))
    go.set()
    holding.join()
    assert heard.last.wait(10)
    return heard.told


def kept() -> set[str]:
    return set(ImportRun.objects.values_list("file_format", flat=True))


def test_all_that_waits_is_stored_at_once(writer, marks):
    many = [f"mark {place}" for place in range(20)]

    told = write_together(writer, marks, many)

    assert told == {mark: len(mark) for mark in (*many, "last")}
    assert kept() == {*many, "last"}
    assert marks.stored == [21]


def test_a_bad_neighbour_costs_nobody_anything(writer, marks):
    told = write_together(writer, marks, ["good", "refused", "", "broken", "also good"])

    assert told == {
        "good": 4, "refused": "Refusal", "": "ValueError", "broken": "IntegrityError", "also good": 9, "last": 4,
    }  # fmt: skip
    assert kept() == {"good", "also good", "last"}


def test_what_cannot_be_committed_is_told_to_all(writer, marks, monkeypatch):
    def breaks(work: Any, members: Any) -> None:
        raise OperationalError("the disk is full")

    monkeypatch.setattr(writing, "_store_together", breaks)

    told = write_together(writer, marks, ["one", "two"])

    assert told == {"one": "OperationalError", "two": "OperationalError", "last": "OperationalError"}
    assert kept() == set()
    monkeypatch.undo()
    assert write_together(writer, marks, ["three"]) == {"three": 5, "last": 4}


def test_what_is_stored_and_cannot_be_answered_is_a_failure_that_a_replay_mends(writer, marks):
    marks.breaks_while_answering = True

    told = write_together(writer, marks, ["one"])

    assert told == {"one": "OperationalError", "last": "OperationalError"}
    assert kept() == {"one", "last"}


def test_one_who_cannot_be_told_does_not_silence_the_others(writer, marks):
    def gone(done: Any, failure: BaseException | None) -> None:
        raise RuntimeError("the loop is closed")

    writer.join(marks, "gone", gone)

    assert write_together(writer, marks, ["here"])["here"] == 4
    assert kept() == {"gone", "here", "last"}


def test_jobs_and_what_is_done_together_share_a_commit(writer, marks):
    mark = uuid.uuid4().hex[:20]

    assert writer.do(lambda: marks.store([mark])) == [mark]
    with pytest.raises(Refusal):
        writer.do(lambda: (_ for _ in ()).throw(Refusal("no")))

    assert mark in kept()
