"""Why an alert is over or was wrong: sentences that go out on one person's word, so nobody types them.

They are kept in English, as a step's `because`, and said in each language when it is read.
"""

from django.utils import translation
from django.utils.translation import gettext, gettext_noop

REVIEWED = gettext_noop("A second person has reviewed it.")
ENDED = (
    gettext_noop("Nothing like it has come in lately."),
    gettext_noop("A newer alert says more."),
    gettext_noop("It was for a time that has passed."),
)
WITHDRAWN = (
    gettext_noop("The result behind this was wrong."),
    gettext_noop("Samples were mixed up."),
    gettext_noop("A lab looked again and did not find it."),
    gettext_noop("The words were wrong."),
    gettext_noop("It was sent by mistake."),
)


def said_in(language: str, because: str) -> str:
    """The sentence in this language; one that is none of ours as it stands."""
    with translation.override(language):
        return gettext(because) if because else ""
