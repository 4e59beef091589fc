"""Writers to SQLite take turns, in the order they asked."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError, connections, transaction

from config.settings import SQLITE_OPTIONS
from config.sqlite.base import Turnstile, turnstile

WRITERS = 16
ROUNDS = 10


@pytest.fixture
def turns(tmp_path: Path, django_db_blocker) -> Iterator[str]:
    """The alias of a database of its own on SQLite, in whichever shape the tests run."""
    own = dict(connections["default"].settings_dict)
    own.update(ENGINE="config.sqlite", NAME=str(tmp_path / "turns.sqlite3"), OPTIONS=dict(SQLITE_OPTIONS))
    connections.databases["turns"] = own
    with django_db_blocker.unblock():
        with connections["turns"].cursor() as cursor:
            cursor.execute("create table written (writer integer, round integer, unique (writer, round))")
        yield "turns"
        connections["turns"].close()
    del connections["turns"]
    del connections.databases["turns"]


def write(alias: str, writer: int, number: int) -> None:
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("select count(*) from written")  # a read that turns into a write
        cursor.execute("insert into written values (%s, %s)", [writer, number])


def wait_until(is_so) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass in ten seconds"
        time.sleep(0.005)


def test_turns_come_in_the_order_of_asking():
    turnstile, order = Turnstile(), []

    def take_a_turn(number: int) -> None:
        assert turnstile.enter(timeout=10)
        order.append(number)
        turnstile.leave()

    assert turnstile.enter(timeout=0)
    threads = []
    for number in range(8):
        threads.append(threading.Thread(target=take_a_turn, args=(number,)))
        threads[-1].start()
        wait_until(lambda: len(turnstile._waiting) == len(threads))
    turnstile.leave()
    for thread in threads:
        thread.join(10)

    assert order == list(range(8))


def test_whoever_gave_up_waiting_gets_no_turn_later():
    turnstile = Turnstile()

    assert turnstile.enter(timeout=0)
    assert not turnstile.enter(timeout=0.02)
    turnstile.leave()

    assert turnstile.enter(timeout=0), "the turn went to one who had left"


def test_sixteen_writers_all_get_through(turns):
    failures: list[Exception] = []

    def keep_writing(writer: int) -> None:
        try:
            for number in range(ROUNDS):
                write(turns, writer, number)
        except Exception as error:
            failures.append(error)
        finally:
            connections[turns].close()

    threads = [threading.Thread(target=keep_writing, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    with connections[turns].cursor() as cursor:
        cursor.execute("select count(*) from written")
        assert cursor.fetchone() == (WRITERS * ROUNDS,)


def test_transactions_begin_in_the_order_of_asking(turns):
    order: list[int] = []

    def begin(writer: int) -> None:
        with transaction.atomic(using=turns):
            order.append(writer)
        connections[turns].close()

    threads = [threading.Thread(target=begin, args=(writer,)) for writer in range(8)]
    with transaction.atomic(using=turns):
        waiting = turnstile(str(connections[turns].settings_dict["NAME"]))._waiting
        for started, thread in enumerate(threads, start=1):
            thread.start()
            wait_until(lambda started=started: len(waiting) == started)
    for thread in threads:
        thread.join(30)

    assert order == list(range(8))


@pytest.mark.parametrize("how", ["an error in between", "an error at the database", "a closed connection"])
def test_a_turn_is_given_back_after(turns, how):
    write(turns, 1, 1)
    expected = IntegrityError if how == "an error at the database" else RuntimeError

    with pytest.raises(expected), transaction.atomic(using=turns):  # noqa: PT012  # all of it is the transaction
        if how == "an error at the database":
            with connections[turns].cursor() as cursor:
                cursor.execute("insert into written values (1, 1)")
        if how == "a closed connection":
            connections[turns].connection.close()
        raise RuntimeError

    from_elsewhere = threading.Thread(target=lambda: (write(turns, 2, 2), connections[turns].close()))
    from_elsewhere.start()
    from_elsewhere.join(5)
    assert not from_elsewhere.is_alive(), "the turn was never given back"


def test_no_turn_in_time_is_an_operational_error(turns):
    connections.databases[turns]["OPTIONS"]["timeout"] = 0.05
    refused: list[Exception] = []

    def try_to_write() -> None:
        try:
            write(turns, 2, 2)
        except OperationalError as error:
            refused.append(error)
        finally:
            connections[turns].close()

    with transaction.atomic(using=turns):
        other = threading.Thread(target=try_to_write)
        other.start()
        other.join(10)

    assert len(refused) == 1
