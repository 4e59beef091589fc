"""What is said of a result or a sample, and how it is put into words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .advice_texts import ADVICE
from .guidance import words
from .interpretation_texts import ARTICLES, JOINTS, KIND_OF, SHORT_NAMES, STATEMENTS, WORDS
from .readings import MethodFacts, Subject

Severity = Literal["info", "caution", "warning"]
EDITORIAL = "editorial"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing said, with where it rests. `code` stays; `text` may be reworded."""

    code: str
    text: str
    severity: Severity
    source: str


class Speaker:
    """Says things in one language."""

    def __init__(self, language: str) -> None:
        self.language = "es" if language.lower().startswith("es") else "en"

    def say(self, code: str, severity: Severity, source: str = "", **fields: str) -> Statement:
        texts = STATEMENTS.get(code) or ADVICE[code]
        text = texts[self.language].format(**fields)
        return Statement(code, text[:1].upper() + text[1:], severity, source or EDITORIAL)

    def word(self, key: str) -> str:
        return (WORDS.get(key) or STATEMENTS[key])[self.language]

    def has_word(self, key: str) -> bool:
        return key in WORDS

    def name(self, subject: Subject) -> str:
        if subject.slug in SHORT_NAMES:
            return SHORT_NAMES[subject.slug]
        return subject.name_es if self.language == "es" else subject.name

    def name_of(self, slug: str) -> str:
        shown = words().get(slug)
        return slug if shown is None else (shown.es if self.language == "es" else shown.en)

    def method(self, method: MethodFacts) -> str:
        name = method.name_es if self.language == "es" else method.name
        is_a_name = method.family not in ARTICLES or any(sign.isupper() for sign in name[1:])
        return name if is_a_name else name[:1].lower() + name[1:]

    def the(self, method: MethodFacts) -> str:
        """A method with its article, where it takes one."""
        article = ARTICLES.get(method.family)
        return f"{article[self.language]} {self.method(method)}" if article else self.method(method)

    def kind_of(self, subject: Subject) -> str:
        """A class as one of its kind ("a fentanyl-type opioid"); a compound by its name."""
        return KIND_OF[subject.slug][self.language] if subject.slug in KIND_OF else self.name(subject)

    def kind_of_slug(self, slug: str) -> str:
        return KIND_OF[slug][self.language] if slug in KIND_OF else self.name_of(slug)

    def listed(self, parts: Iterable[str], joint: str = "and") -> str:
        """ "a, b and c", each once. `joint` is "and" or "or"."""
        several = list(dict.fromkeys(parts))
        if len(several) < 2:
            return "".join(several)
        last = several[-1]
        word = JOINTS[joint][self.language]
        if word == "y" and last.lower().startswith(("i", "hi")):
            word = "e"
        if word == "o" and last.lower().startswith(("o", "ho")):
            word = "u"
        return f"{', '.join(several[:-1])} {word} {last}"
