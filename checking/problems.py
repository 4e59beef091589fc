"""Everything that is wrong with a body, each under the path of its field, said at once."""

from collections.abc import Sequence


class Problems(ValueError):
    """A body that cannot be accepted: what must be mended, and names that nobody knows."""

    def __init__(self) -> None:
        super().__init__("not accepted")
        self.invalid: dict[str, list[str]] = {}
        self.unknown: dict[str, list[str]] = {}
        self.suggestions: dict[str, list[str]] = {}

    def add(self, path: str, message: str) -> None:
        self.invalid.setdefault(path, []).append(message)

    def add_unknown(self, path: str, message: str, suggestions: Sequence[str]) -> None:
        self.unknown.setdefault(path, []).append(message)
        self.suggestions[path] = list(suggestions)

    def raise_if_any(self) -> None:
        if self.invalid or self.unknown:
            raise self

    @property
    def fields(self) -> dict[str, list[str]]:
        return {**self.unknown, **self.invalid}
