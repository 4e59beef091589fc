"""Words by which a drill is taken for the real thing, or the real thing for a drill.

"This is not a drill" is what people read in Hawaii on 13 January 2018; in a hurry the "not" is missed, or the rest
is. So no text says it, live or drill; and a drill does not say that it is real. Words are compared as a reader
sees them (`alerts.plain_letters`), whatever signs stand between. Both languages are looked for in every text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .plain_letters import plain


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


BETWEEN = 4  # words between a denial and the drill that it denies: "no [se trata de un] simulacro"

_DRILLS = _set(
    "drill drills exercise exercises rehearsal simulation simulacro simulacros simulacion ejercicio ejercicios ensayo"
    " practica practicas"
)
# Words that are a drill's only with another beside them: strips are tests too, and some things are so in practice.
_WITH_NEXT = {
    **dict.fromkeys(("test", "practice", "training", "mock"), _set("alert alerts message run warning alarm")),
    **dict.fromkeys(("alerta", "aviso", "mensaje"), frozenset({"prueba", "ensayo"})),
}
_WITH_ARTICLE = {
    "test": _set("a actual real just only"),
    "practice": _set("a just only not no isn't any"),
    "prueba": _set("una ninguna solo de es no simple"),
}
_DENIALS = _set(
    "not no never nope cannot neither nor isnt arent wasnt aint dont without beyond"
    " nunca jamas tampoco ni ningun ninguna"
)
_DENIALS_OF_TWO = frozenset(
    {("anything", "but"), ("nothing", "like"), ("nothing", "about"), ("far", "from"), ("other", "than"),
     ("more", "than"), ("rather", "than"), ("instead", "of"), ("lejos", "de"), ("vez", "de"), ("lugar", "de"),
     ("mas", "que")}
)  # fmt: skip
# What a denial is about before it comes to the drill: "no es una alerta, sino un simulacro" says that it is one.
_ELSEWHERE = _set(
    "but sino pero because porque alert alerts alarm alarms warning emergency danger result results sample samples"
    " needed necessary required action act alerta alertas alarma alarmas aviso emergencia peligro resultado resultados"
    " muestra muestras | asuste preocupe alarme llame haga"
)
_ITSELF = _set("real true actual genuine verdadero verdadera autentico")
_DO = _set("do should must to can could would")
_DO_NOT = _set("don't dont shouldn't mustn't can't cannot never")

_ALERT = r"(?:alert|warning|alarm|emergency|event|situation|threat|thing|deal|alerta|alarma|emergencia|aviso|situacion)"
_REAL_ES = r"(?:real|verdader[oa]|autentic[oa])"
_IS = (
    r"(?:is|are|was|it's|that's|this's|here's|es|son|esta|fue|era|va)"
    r"(?: (?:all|very|now|actually|indeed|absolutely|totally|really|for|a|an|the|un|una|la|el|muy|ya|todo)){0,3}"
)
_REAL = re.compile(
    rf"(?<!\w)(?:{_IS} (?:(?:real|genuine|actual|true) {_ALERT}|{_ALERT} {_REAL_ES}|en serio|de verdad|de veras"
    r"|happening"
    rf"|(?:real|genuine|true|verdad|ciert[oa]|{_REAL_ES})(?=$| (?:\||and|y|not|no|so|now)(?!\w)))"
    rf"|^(?:(?:real|genuine|actual) {_ALERT}|{_ALERT} {_REAL_ES})"
    r"(?! (?:would|will|may|might|can|looks|has|comes|does|seria|tendria))"
    r"|for real|no joke|no es broma|va en serio)(?!\w)"
)
# "In a real alert", "as if it were real", "no es una alerta real" say that it is none.
_SUPPOSED = re.compile(
    r"(?<!\w)(?:not|no|never|nothing|nobody|\w{2,6}n't|isnt|aint|without|nada|nunca|ningun|ninguna|tampoco|sin|nor|ni"
    r"|if|when|whether|in|during|like|as|unlike|before|until|si|como|cuando|en|durante|ante)(?: [\w']{1,20}){0,4} ?$"
)
_STOPS = re.compile(r"[.!?;:\n\r]+")
_NEW_SENTENCE = re.compile(r", ?(?=(?:this|it|it's|that|we|es|esto|este|se|solo|only|just|y|and|so)(?!\w))")


def says_not_a_drill(text: str) -> bool:
    """True where a text denies, in whatever way, that something is a drill, an exercise or a test alert."""
    return any(_denies_a_drill(clause.split()) for clause in _clauses(text))


def says_real(text: str) -> bool:
    """True where a text says that this is real. For drills: what is live may speak of a real name."""
    return any(_says_real(clause) for clause in _clauses(text))


def texts_of(said: Any) -> Iterator[str]:
    """Every text in the blocks of a body, each by itself: the ends of two lines are no sentence."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        for each in said.values():
            yield from texts_of(each)
    elif isinstance(said, list | tuple):
        for each in said:
            yield from texts_of(each)


def _denies_a_drill(words: Sequence[str]) -> bool:
    if _ends_in_denial(words):
        return True
    ends = (place + 1 for place in range(len(words)) if _is_denial(words, place))
    return any(_comes_to_a_drill(words, after) for after in ends)


def _is_denial(words: Sequence[str], place: int) -> bool:
    word = words[place]
    return word in _DENIALS or word.endswith("n't") or tuple(words[place - 1 : place + 1]) in _DENIALS_OF_TWO


def _comes_to_a_drill(words: Sequence[str], after: int) -> bool:
    for place in range(after, min(after + BETWEEN + 1, len(words))):
        if _is_drill(words, place):
            return True
        is_its_own = words[place] in _ITSELF and place + 1 < len(words) and _is_drill(words, place + 1)
        if words[place] in _ELSEWHERE or (words[place] in _ITSELF and not is_its_own):
            return False
    return False


def _is_drill(words: Sequence[str], place: int) -> bool:
    word, earlier, before = words[place], words[place - 2 : place - 1], words[place - 1 : place]
    following = words[place + 1 : place + 4]
    if word in ("exercise", "practice") and (
        (before and before[0] in _DO_NOT) or (before == ["not"] and earlier and earlier[0] in _DO)
    ):
        return False  # something that people do
    if word in _DRILLS:
        return True
    if following and following[0] in _WITH_NEXT.get(word, ()):
        return True
    if following[:1] == ["de"] and following[1:2] and following[1] in _WITH_NEXT.get(word, ()):
        return True  # alerta de prueba
    ends_here = not following or following[0] == "|"
    return ends_here and bool(before) and before[0] in _WITH_ARTICLE.get(word, ())


def _ends_in_denial(words: Sequence[str]) -> bool:
    """`A drill it is not`, `un simulacro no es`."""
    if not (words[-2:] in (["is", "not"], ["no", "es"], ["was", "not"]) or words[-1:] in (["isn't"], ["isnt"])):
        return False
    return any(_is_drill(words, place) for place in range(max(len(words) - 2 - BETWEEN, 0), len(words) - 1))


def _says_real(clause: str) -> bool:
    return any(
        not _SUPPOSED.search(clause[max(found.start() - 60, 0) : found.start()]) for found in _REAL.finditer(clause)
    )


def _clauses(text: str) -> Iterator[str]:
    """Its parts between full stops and the like, in plain small letters, one space between words.

    Where a new sentence begins after a comma there is a `|`; other signs say nothing, and three points are a pause.
    """
    for part in _STOPS.split(text.replace("...", " ").replace("…", " ")):
        seen = _NEW_SENTENCE.sub(" | ", plain(part).text.lower())
        yield " ".join(re.sub(r"[^\w'|]+", " ", seen).split())
