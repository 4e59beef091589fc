"""Which figures are asked for most, so that they are ready when a release makes them anew. Addresses, never readers."""

import threading
from collections import Counter

KEPT = 500  # addresses
LONGEST = 300  # characters; none of a figure is half as long
Asked = tuple[str, str]  # address with its query, language


class Often:
    """Counts in memory, of this process. What was asked for long ago fades."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._counts: Counter[Asked] = Counter()
        self._lock = threading.Lock()

    def note(self, address: str, language: str) -> None:
        if len(address) > LONGEST:
            return
        with self._lock:
            if len(self._counts) >= self._kept and (address, language) not in self._counts:
                self._fade()
            self._counts[address, language] += 1

    def most(self, many: int) -> list[Asked]:
        """What was asked for more than once, the most asked first."""
        with self._lock:
            return [asked for asked, times in self._counts.most_common(many) if times > 1]

    def fade(self) -> None:
        with self._lock:
            self._fade()

    def _fade(self) -> None:
        self._counts = Counter({asked: times // 2 for asked, times in self._counts.items() if times > 1})


figures = Often()
