"""Web and watcher in one process."""

import asyncio
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.urls import reverse

from checking import startup
from checking.networks import is_simulated

WARM_UP_AFTER = 5.0  # seconds


class Command(BaseCommand):
    help = "Serve pages, API and live alerts, and watch for new results, in one process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on; 0 takes a free one")
        parser.add_argument("--no-watcher", action="store_true", help="leave watching to `manage.py watch`")
        parser.add_argument("--say", type=Path, metavar="FILE", help="print this file once listening, then remove it")

    def handle(self, *args: Any, **options: Any) -> None:
        lock = startup.OnlyOne()
        try:
            startup.refuse_unmigrated()
            startup.refuse_forgetful_database()
            if options["no_watcher"]:
                startup.refuse_split_without_redis("serve --no-watcher")
            lock.take()
        except startup.NotReadyError as error:
            raise CommandError(str(error)) from error
        is_simulated()  # known from the first answer on
        connections.close_all()
        # Whatever a library keeps in a temporary file may hold results: never in a folder shared with others.
        settings.SPOOL_DIR.chmod(0o700)
        tempfile.tempdir = str(settings.SPOOL_DIR)
        try:
            self.serve(options)
        finally:
            lock.give_back()

    def serve(self, options: dict[str, Any]) -> None:
        # Imported here, and in this order: daphne chooses the reactor, and the application takes a while.
        from config.serving import CannotServeError, Server  # isort: skip
        from checking import warming
        from config.asgi import application

        reverse("trends")  # every view is loaded here and now, and not while the first reader and all others wait
        warmer = warming.Warmer(WARM_UP_AFTER)

        def say_ready(loop: asyncio.AbstractEventLoop, url: str) -> None:
            from alerts import hub

            hub.start(loop)
            self.stdout.write(f"Headsup is listening on {url}")
            self.say(options["say"])
            self.stdout.flush()
            warmer.start()

        server = Server(application, host=options["host"], port=options["port"], on_ready=say_ready)
        stop_watching: Callable[[], None] | None = None
        try:
            server.listen()
            if not options["no_watcher"]:
                from alerts.watcher import start_in_thread

                stop_watching = start_in_thread()
            server.run()
        except CannotServeError as error:
            raise CommandError(str(error)) from error
        finally:
            warmer.stop()
            if stop_watching is not None:
                stop_watching()

    def say(self, file: Path | None) -> None:
        if file is not None:
            self.stdout.write(file.read_text())
            file.unlink()  # it may hold a key
