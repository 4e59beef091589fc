"""A process that is started again whenever it ends, as a service manager does."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers import PROJECT, STOP_SECONDS

START_AGAIN_AFTER = 0.3  # seconds


class Kept:
    """`stop_by`: the signal by which it ends in good order. `user`: the account it runs as, where not ours."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str],
        log: Path,
        *,
        stop_by: signal.Signals = signal.SIGTERM,
        user: int | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.env = dict(env)
        self.log = log
        self.stop_by = stop_by
        self.user = user
        self.starts = 0
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._start()
        self._keeping = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        process = self._process
        if process is None or process.returncode is not None:
            return
        self.signal(signal.SIGCONT)
        self.signal(self.stop_by)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    def kill(self) -> bool:
        """KILL, to itself alone; False where it is not running."""
        process = self._process
        if process is None or process.returncode is not None:
            return False
        process.kill()
        return True

    def children(self) -> list[int]:
        if self._process is None:
            return []
        with contextlib.suppress(OSError):
            return list(
                map(int, Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split())
            )
        return []

    def signal(self, number: signal.Signals) -> bool:
        """To it and to its children; False where it is not running."""
        process = self._process
        if process is None or process.returncode is not None:
            return False
        for pid in (process.pid, *self.children()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return True

    async def _start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command, cwd=PROJECT, env=self.env, stdout=log, stderr=log, user=self.user
            )
        self.starts += 1

    async def _keep(self) -> None:
        while True:
            assert self._process is not None
            await self._process.wait()
            await asyncio.sleep(START_AGAIN_AFTER)
            await self._start()
