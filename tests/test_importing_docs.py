"""The worked example of docs/importing.md, done as it is written there."""

import csv
import io
import re
import shlex
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from checking.importing.mapping import FINDING_FIELDS, RESULT_FIELDS, SAMPLE_FIELDS, Mapping
from checking.models import Finding, Result, Sample
from tests.factories import make_site, make_vocabulary
from tests.servers import PROJECT

GUIDE = (PROJECT / "docs" / "importing.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w.]+)`\n\n```(?:csv|json)\n(.*?)```", GUIDE, re.MULTILINE | re.DOTALL))
COMMANDS = [
    shlex.split(line)[2:]
    for block in re.findall(r"^```sh\n(.*?)```", GUIDE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


def run(command: list[str]) -> tuple[int, str]:
    said = io.StringIO()
    try:
        call_command(*command, stdout=said)
    except CommandError as error:
        return error.returncode, said.getvalue()
    return 0, said.getvalue()


@pytest.mark.django_db
def test_the_worked_example_does_what_it_says(tmp_path, monkeypatch):
    make_vocabulary()
    make_site("harbour")
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).write_text(content, encoding="utf-8")
    save, dry, bring, again = COMMANDS

    assert run(save)[0] == 0
    assert (run(dry)[0], Sample.objects.count()) == (1, 0)
    code, said = run(bring)
    assert (code, Sample.objects.count(), Result.objects.count()) == (1, 2, 3)
    for reason in re.findall(r"(?:Fecha|Forma): .*?(?=, \.\.\.|$)", GUIDE, re.MULTILINE):
        assert reason in said

    rejected = Path("rejected.csv")
    with rejected.open(encoding="utf-8-sig", newline="") as text:
        assert next(csv.reader(text, delimiter=";"))[-2:] == ["row", "reason"]
    mended = (
        rejected.read_text(encoding="utf-8-sig").replace("03/19/2024", "19/03/2024", 1).replace("polvito", "polvo", 1)
    )
    rejected.write_text(mended, encoding="utf-8")
    assert run(again)[0] == 0
    assert Sample.objects.count() == 4
    by_lab = Finding.objects.filter(result__method__slug="gc-ms").values_list("substance__slug", "is_detected")
    assert sorted(by_lab) == [
        ("fentanyl", True), ("ketamine", True), ("mdma", False),
    ]  # fmt: skip


def test_every_field_of_a_mapping_is_explained():
    fields = {*SAMPLE_FIELDS, *RESULT_FIELDS, *FINDING_FIELDS, *Mapping.__struct_fields__} - {"results"}

    assert [name for name in sorted(fields) if f"`{name}`" not in GUIDE] == []
