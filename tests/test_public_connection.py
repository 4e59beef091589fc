"""What the connection for public reads cannot do, on a real connection in both shapes."""

import re
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connections

from checking.models import Area, Release, Sample
from config import env
from config.public_tables import PUBLIC_TABLES
from config.settings import SQLITE_OPTIONS
from tests.servers import PUBLIC_ROLE

pytestmark = pytest.mark.servers

ALIAS = "public_for_real"


@pytest.fixture(scope="module")
def private_tables() -> list[str]:
    from django.apps import apps

    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return [*sorted(tables - PUBLIC_TABLES), "django_migrations"]


@pytest.fixture(scope="module")
def public(databases, django_db_blocker) -> Iterator[str]:
    """The alias of a connection as the public pages use it, to a migrated database that also has a view."""
    with pytest.MonkeyPatch.context() as patch:
        for name, url in databases.fresh().items():
            patch.setenv(name, url)
        owner = env.database("DATABASE_URL", default="")
        if "sqlite" in owner["ENGINE"]:
            owner = {**owner, "ENGINE": "config.sqlite", "OPTIONS": dict(SQLITE_OPTIONS)}
            reader = {**owner, "ENGINE": "config.sqlite_public", "OPTIONS": dict(SQLITE_OPTIONS)}
        else:
            reader = env.database("PUBLIC_DATABASE_URL", default="")
    defaults = {**connections["default"].settings_dict, "OPTIONS": {}}
    connections.databases["owner_for_real"] = {**defaults, **owner}
    connections.databases[ALIAS] = {**defaults, **reader}
    with django_db_blocker.unblock():
        with connections["owner_for_real"].cursor() as cursor:
            cursor.execute("create view peek as select code_hash from checking_sample")
        connections["owner_for_real"].close()
        yield ALIAS
        connections[ALIAS].close()
    for alias in ("owner_for_real", ALIAS):
        del connections[alias]
        del connections.databases[alias]


def run(alias: str, sql: str) -> list[tuple[object, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_every_public_table_can_be_read(public):
    for table in sorted(PUBLIC_TABLES):
        run(public, f"select count(*) from {table}")
        run(public, f"select * from {table} limit 1")


def test_no_private_table_can_even_be_counted(public, private_tables):
    assert {"checking_sample", "checking_result", "checking_user", "django_session"} <= set(private_tables)

    for table in private_tables:
        with pytest.raises(DatabaseError):
            run(public, f"select count(*) from {table}")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from checking_sample",
        "select 1 from checking_sample",
        "select checking_area.slug from checking_area join checking_sample on true",
        "select slug from checking_area where exists (select 1 from checking_sample)",
        "select (select count(*) from checking_sample)",
        "select slug from checking_area union select code_hash from checking_sample",
        "with hidden as (select * from checking_sample) select count(*) from hidden",
        "select * from peek",
        "select count(*) from peek",
    ],
)
def test_a_private_table_cannot_be_reached_by(public, sql):
    with pytest.raises(DatabaseError):
        run(public, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "insert into checking_release (number, made_on) values (1, '2026-11-22')",
        "update checking_network set simulated = true",
        "delete from checking_area",
        "drop table checking_area",
        "create table mine (x integer)",
        "create view mine as select 1",
        "create temp view mine as select * from checking_sample",
    ],
)
def test_nothing_can_be_written_by(public, sql):
    with pytest.raises(DatabaseError):
        run(public, sql)


def test_models_hold_to_it_too(public):
    assert not Release.objects.using(public).exists()
    assert Area.objects.using(public).count() == 0
    with pytest.raises(DatabaseError):
        Sample.objects.using(public).count()


@pytest.mark.only_sqlite
def test_sqlite_cannot_be_talked_out_of_it(public):
    for sql in ("pragma query_only=off", "attach ':memory:' as other", "select * from sqlite_master"):
        with pytest.raises(DatabaseError):
            run(public, sql)


@pytest.mark.only_postgres
def test_postgres_cannot_be_talked_out_of_it(public):
    for sql in ("set role postgres", "select pg_read_file('PG_VERSION')", "copy checking_area to program 'cat'"):
        with pytest.raises(DatabaseError):
            run(public, sql)
    # It may lift its own read-only setting; what it was not granted stays refused.
    run_all = "set default_transaction_read_only = off; delete from checking_area"
    with pytest.raises(DatabaseError), connections[public].cursor() as cursor:
        cursor.execute(run_all)


def test_the_role_script_grants_the_public_tables_and_no_others():
    granted = re.search(r"GRANT SELECT ON\n(.*?)\nTO headsup_public", PUBLIC_ROLE.read_text(), re.DOTALL)

    assert {name.strip() for name in granted[1].split(",")} == PUBLIC_TABLES
