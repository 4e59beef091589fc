"""Settings: refused by name when wrong, and written down."""

import re
import runpy
import stat
import warnings
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.servers import PROJECT

ASKED = re.compile(r'\b(?:env\.\w+|_database)\(\s*"([A-Z_]+)"')
LISTED = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \|", re.MULTILINE)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Read config/settings.py anew, in an environment with nothing but what a test says."""

    def load_with(**given: str) -> dict[str, object]:
        for name in ASKED.findall((PROJECT / "config" / "settings.py").read_text()):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the settings in use are loaded as well
            return runpy.run_module("config.settings")

    return load_with


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEBUG", "yes", "0 or 1"),
        ("REQUIRE_SCOPE", "true", "0 or 1"),
        ("BULK_MAX_MB", "0", "a whole number from 1"),
        ("BULK_MAX_MB", "4 GB", "a whole number from 1"),
        ("MAX_SOCKETS", "-1", "a whole number from 1"),
        ("TRUSTED_PROXIES", "6", "from 0 to 5"),
        ("RELEASE_AT_LEAST", "4", "a whole number from 5 to 100"),
        ("RELEASE_DOMINANT_PERCENT", "81", "a whole number from 50 to 80"),
        ("RELEASE_WAITS_DAYS", "27", "a whole number from 28"),
        ("RELEASE_RESIDENTS", "19999", "a whole number from 20000"),
        ("RELEASE_SETTLES_WEEKS", "5", "a whole number from 6"),
        ("RELEASE_TOGETHER_AT_LEAST", "19", "a whole number from 20"),
        ("SECRET_KEY", "short", "at least 16 characters"),
        ("DATABASE_URL", "mysql://localhost/headsup", "sqlite:///FILE or postgres://"),
        ("DATABASE_URL", "sqlite://:memory:", "a file"),
        ("PUBLIC_DATABASE_URL", "postgres://localhost/headsup", "the same database as DATABASE_URL"),
        ("CHANNEL_URL", "amqp://localhost", "redis://HOST:PORT/NUMBER"),
        ("EMAIL_URL", "https://mail.example.org", "smtp+tls://"),
        ("PUBLIC_URL", "headsup.example.org", "http:// or https:// and a host"),
        ("PUBLIC_URL", "https://example.org/headsup", "without a path"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_what_was_expected(load, name, value, expected):
    with pytest.raises(ImproperlyConfigured) as refusal:
        load(**{name: value})

    assert str(refusal.value).startswith(f"{name} ")
    assert expected in str(refusal.value)


def test_a_refusal_repeats_no_password(load):
    with pytest.raises(ImproperlyConfigured) as refusal:
        load(DATABASE_URL="mysql://headsup:wachtwoord@localhost/headsup")

    assert "wachtwoord" not in str(refusal.value)


def test_an_empty_value_counts_as_not_set(load):
    settings = load(DEBUG="", BULK_MAX_MB="", DATABASE_URL="", CHANNEL_URL="", PUBLIC_DATABASE_URL="")

    assert settings["DEBUG"] is False
    assert settings["BULK_MAX_MB"] == 4096


def test_without_settings_it_is_one_process_on_sqlite(load, tmp_path):
    settings = load()

    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "headsup.sqlite3")
    assert settings["DATABASES"]["public"]["ENGINE"] == "config.sqlite_public"
    assert settings["CHANNEL_LAYERS"]["default"]["BACKEND"].endswith("InMemoryChannelLayer")


def test_redis_always_means_the_pub_sub_layer(load):
    settings = load(CHANNEL_URL="redis://localhost:6379/0")

    assert settings["CHANNEL_LAYERS"]["default"]["BACKEND"] == "channels_redis.pubsub.RedisPubSubChannelLayer"


def test_postgres_without_a_public_role_cannot_be_written_by_public_reads(load):
    settings = load(DATABASE_URL="postgres://headsup@localhost/headsup")

    assert settings["DATABASES"]["public"]["OPTIONS"]["options"] == "-c default_transaction_read_only=on"
    assert "options" not in settings["DATABASES"]["default"]["OPTIONS"]


def test_the_secret_key_is_made_once_and_only_we_can_read_it(load, tmp_path):
    first, second = load()["SECRET_KEY"], load()["SECRET_KEY"]

    assert first == second
    assert len(first) >= 48
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_the_spool_is_ours_alone(load):
    assert stat.S_IMODE(load()["SPOOL_DIR"].stat().st_mode) == 0o700


def test_every_setting_is_documented_and_nothing_else_is():
    asked = set(ASKED.findall((PROJECT / "config" / "settings.py").read_text()))
    listed = [name for name, _ in LISTED.findall((PROJECT / "docs" / "settings.md").read_text())]

    assert sorted(listed) == sorted(asked)


def test_documented_defaults_are_the_defaults(load):
    settings, wrong = load(), {}
    for name, default in LISTED.findall((PROJECT / "docs" / "settings.md").read_text()):
        value = settings.get("ALLAUTH_TRUSTED_PROXY_COUNT" if name == "TRUSTED_PROXIES" else name)
        if isinstance(value, list):
            value = ",".join(value)
        if isinstance(value, bool | int | str) and name != "SECRET_KEY":
            shown = str(int(value)) if isinstance(value, bool) else str(value)
            if default != f"`{shown}`":
                wrong[name] = (default, shown)

    assert wrong == {}
