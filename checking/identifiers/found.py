"""What the gate can find."""

from typing import Literal, NamedTuple, get_args

Kind = Literal["email", "phone", "birth_date", "plate", "handle", "address", "digits"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Found(NamedTuple):
    """Something that could tell who a person is: `text[start:end]` of what was written."""

    kind: Kind
    start: int
    end: int
