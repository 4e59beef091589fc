"""Puts alerts of 600 bytes into the rows and rings, as many as each line of its input says."""

import os
import sys
import time

import django

PADDING = 180  # makes a frame of about 600 bytes


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests.event_rows import publish

    for line in sys.stdin:
        began = time.monotonic_ns()
        for _ in range(int(line)):
            publish(substances=("xylazine",), classes=(), level="caution", padding=PADDING)
        print(began, flush=True)


if __name__ == "__main__":
    main()
