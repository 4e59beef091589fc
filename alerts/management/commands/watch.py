"""The watcher alone, for installations of several processes."""

import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alerts.watcher import run
from checking import startup


class Command(BaseCommand):
    help = "Look at new results, publish what is due, end what is over. `serve` does the same beside its pages."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            startup.refuse_split_without_redis("watch")
            startup.refuse_unmigrated()
            startup.refuse_forgetful_database()
        except startup.NotReadyError as error:
            raise CommandError(str(error)) from error
        stop = threading.Event()

        def end(number: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        self.stdout.write("watching")
        self.stdout.flush()
        run(stop)
