"""Puts alerts of 600 bytes into the rows and rings, as many as each line of its input says.

What an alert rests on is stored beforehand: measured is from the storing of its step, as with the
others from their POST.
"""

import os
import sys
import time

import django

PADDING = 180  # makes a frame of about 600 bytes


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import transaction

    from checking import bell
    from tests.event_rows import number, prepared

    for line in sys.stdin:
        steps = [prepared(level="caution", padding=PADDING) for _ in range(int(line))]
        began = time.monotonic_ns()
        for step in steps:
            with transaction.atomic():
                number(step)
            bell.ring("events")
        print(began, flush=True)


if __name__ == "__main__":
    main()
