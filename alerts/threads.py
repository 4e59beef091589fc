"""Reading rows on behalf of coroutines, in threads of our own: a slow page must not hold up an alert."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import close_old_connections

Found = TypeVar("Found")

for_looks = ThreadPoolExecutor(1, "hub-look")
for_missed = ThreadPoolExecutor(2, "hub-missed")
for_wishes = ThreadPoolExecutor(2, "hub-wish")


async def in_thread(pool: ThreadPoolExecutor, work: Callable[..., Found], *args: object) -> Found:
    """What `work` gives back or raises. The connection it used goes back at once."""
    return await asyncio.get_running_loop().run_in_executor(pool, _with_a_connection, work, args)


def _with_a_connection(work: Callable[..., Found], args: tuple[object, ...]) -> Found:
    close_old_connections()
    try:
        return work(*args)
    finally:
        close_old_connections()
