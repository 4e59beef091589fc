"""Puts alerts into the rows and rings: as many as each line of its input says, with so many bytes to spare.

What an alert rests on is stored beforehand: measured is from the storing of its step, as with the
others from their POST.
"""

import os
import sys
import time

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import transaction

    from checking import bell
    from tests.event_rows import number, prepared

    for line in sys.stdin:
        count, padding = map(int, line.split())
        steps = [prepared(level="caution", padding=padding) for _ in range(count)]
        began = time.monotonic_ns()
        for step in steps:
            with transaction.atomic():
                number(step)
            bell.ring("events")
        print(began, flush=True)


if __name__ == "__main__":
    main()
