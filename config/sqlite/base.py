"""Django's SQLite backend with one fair queue of writers per process and file.

SQLite's own waiting polls and is unfair: 32 writers starve each other. Whoever begins a
transaction takes a turn first, in the order of asking, so that lifecycle, sessions and claims
get theirs while results pour in.
"""

import threading
from collections import deque
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError


class Turnstile:
    """A lock that is handed on in the order it was asked for."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Event] = deque()

    def enter(self, *, timeout: float) -> bool:
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return True
            my_turn = threading.Event()
            self._waiting.append(my_turn)
        if my_turn.wait(timeout):
            return True
        with self._mutex:
            if my_turn.is_set():  # handed over in the very moment we gave up
                return True
            self._waiting.remove(my_turn)
            return False

    def leave(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False


_turnstiles: dict[str, Turnstile] = {}
_turnstiles_mutex = threading.Lock()


def turnstile(file: str) -> Turnstile:
    with _turnstiles_mutex:
        return _turnstiles.setdefault(file, Turnstile())


class DatabaseWrapper(base.DatabaseWrapper):
    _has_turn = False

    def _start_transaction_under_autocommit(self) -> None:
        if not self._has_turn:
            timeout = float(self.settings_dict["OPTIONS"].get("timeout", 5))
            if not turnstile(str(self.settings_dict["NAME"])).enter(timeout=timeout):
                raise OperationalError("database is locked: no turn to write came in time")
            self._has_turn = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # private in the stubs
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> Any:
        done = super()._commit()  # type: ignore[misc]  # private in the stubs
        self._give_turn()
        return done

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]  # private in the stubs
        finally:
            self._give_turn()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]  # private in the stubs
        finally:
            self._give_turn()

    def _give_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            turnstile(str(self.settings_dict["NAME"])).leave()
