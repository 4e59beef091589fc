"""What every test has at hand."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.db import connections

from tests.servers import Databases, LiveHeadsup

IN_CI = os.environ.get("CI") == "true"
SHAPE = os.environ.get("HEADSUP_SHAPE", "")  # set by ./test; empty when pytest is called by hand
NEVER_SKIPPED_IN_CI = ("browser", "servers")

# How long an example takes says how busy the machine is, not whether it holds.
hypothesis.settings.register_profile("headsup", deadline=None)
hypothesis.settings.load_profile("headsup")


# Which of the two shapes is tested


def pytest_sessionstart(session: pytest.Session) -> None:
    said = f"Tested on {_database()} and {_channel_layer()}."
    if SHAPE == "spread-out" and not ("PostgreSQL" in said and "Redis" in said):
        pytest.exit(f"This run was to be on PostgreSQL and Redis. {said}", returncode=3)
    if SHAPE == "embedded" and not ("SQLite" in said and "memory" in said):
        pytest.exit(f"This run was to be on SQLite, in one process. {said}", returncode=3)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(said)


def _database() -> str:
    from django.db import connection

    if connection.vendor == "sqlite":
        return f"SQLite {connection.Database.sqlite_version}"
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as server:
        return f"PostgreSQL {server.execute('show server_version').fetchone()[0]}"


def _channel_layer() -> str:
    from django.conf import settings

    layer = settings.CHANNEL_LAYERS["default"]
    if "CONFIG" not in layer:
        return "the layer in memory"
    import redis

    with redis.Redis.from_url(layer["CONFIG"]["hosts"][0]) as server:
        return f"Redis {server.info('server')['redis_version']}"


ONLY = {"only_sqlite": "sqlite", "only_postgres": "postgresql"}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only_sqlite: about SQLite, left out of the run on PostgreSQL")
    config.addinivalue_line("markers", "only_postgres: about PostgreSQL, left out of the run on SQLite")


TOUCHES_A_DATABASE = {"db", "transactional_db", "databases"}


def _is_of_this_shape(item: pytest.Item, vendor: str) -> bool:
    """Whether a run on this shape shows anything that the run on the other one does not.

    What opens neither a database nor a server is the same on both, and so is what a browser makes of a page:
    ./test has them run once, on SQLite. At full size everything runs on both.
    """
    if any(item.get_closest_marker(name) and ONLY[name] != vendor for name in ONLY):
        return False
    if SHAPE != "spread-out" or os.environ.get("HEADSUP_FULL") == "1":
        return True
    fixtures = set(getattr(item, "fixturenames", ()))
    is_apart = any(item.get_closest_marker(name) for name in ("django_db", "servers")) or fixtures & TOUCHES_A_DATABASE
    return bool(is_apart) and not item.get_closest_marker("browser")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    vendor = connections["default"].vendor
    other = [item for item in items if not _is_of_this_shape(item, vendor)]
    if other:
        config.hook.pytest_deselected(items=other)
        items[:] = [item for item in items if item not in other]
    for item in items:
        if any(item.get_closest_marker(name) for name in NEVER_SKIPPED_IN_CI):
            # Processes that start take their time on a busy machine.
            item.add_marker(pytest.mark.timeout(300))


# In CI nothing may be left out for want of a server or a browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = yield
    if IN_CI and report.skipped and any(item.get_closest_marker(name) for name in NEVER_SKIPPED_IN_CI):
        if hasattr(report, "wasxfail"):
            return report
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped in CI: {why}"
    return report


# Databases


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database with the reference data in it; tests that empty the tables load it again."""
    from checking.reference import load_reference

    with django_db_blocker.unblock():
        load_reference()
    yield
    # Pools and threads would keep the test database open, and so from being dropped.
    if connections["public"].vendor == "postgresql":
        with django_db_blocker.unblock(), connections["default"].cursor() as cursor:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        connections["public"].close()
        connections["public"].close_pool()


@pytest.fixture(autouse=True)
def _public_reads_see_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Inside a test's transaction no other connection sees its rows, so `public` is `default` there.

    What the public connection refuses is tested with real connections, in test_public_connection.py.
    """
    marker = request.node.get_closest_marker("django_db")
    is_inside = (marker is not None and not marker.kwargs.get("transaction")) or "db" in request.fixturenames
    if not is_inside or "transactional_db" in request.fixturenames:
        yield
        return
    request.getfixturevalue("_django_db_helper")
    own = connections["public"]
    connections["public"] = connections["default"]
    yield
    connections["public"] = own


@pytest.fixture(scope="session", autouse=True)
def _pictures_are_drawn_here() -> None:
    """In this process: the one that draws takes seconds to start. It is tested in test_drawer.py."""
    from checking import charts, drawer

    charts.pictures = drawer.Drawer(charts.render)


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    from checking import area_tree, bell, networks, trends

    area_tree.forget()
    trends.forget()
    networks.forget()
    yield
    networks.forget()
    bell.close()


# Headsup as a process of its own


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Fresh, migrated databases for processes of their own."""
    url = os.environ.get("DATABASE_URL", "")
    postgres_url = url if url.startswith("postgres") else None
    made = Databases(tmp_path_factory.mktemp("databases"), postgres_url)
    yield made
    if "HEADSUP_SERVERS_VANISH" not in os.environ:  # dropping takes a second each
        made.drop_all()


@pytest.fixture
def live_headsup(databases: Databases, tmp_path: Path) -> Iterator[Callable[..., LiveHeadsup]]:
    """Makes a running `manage.py serve` on a database of its own: `live_headsup(env={...}, arguments=[...])`.

    `script` fills the database, in Django's shell, before it listens; what it prints is `server.said`.
    `before` is called with the stopped server, whose `manage` runs commands on it.
    """
    made: list[LiveHeadsup] = []

    def make(
        *,
        env: dict[str, str] | None = None,
        arguments: list[str] | None = None,
        script: str | None = None,
        before: Callable[[LiveHeadsup], object] | None = None,
    ) -> LiveHeadsup:
        folder = tmp_path / f"headsup-{len(made)}"
        folder.mkdir()
        urls, said = (databases.fresh(), "") if script is None else databases.filled(script)
        server = LiveHeadsup(folder, {**urls, **(env or {})}, *(arguments or []))
        server.said = said
        made.append(server)
        if before is not None:
            before(server)
        return server.start()

    yield make
    for server in made:
        if server.process is not None:
            server.stop()


# Reference files


@pytest.fixture(scope="session")
def shared() -> Path:
    """Reference files that are for tests only and never part of the project."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.exists():
        pytest.skip("the reference files for tests are not beside the project")
    return folder
