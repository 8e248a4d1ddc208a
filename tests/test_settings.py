"""The settings: defaults, what is refused and how it is said, and that a secret is never shown."""

import base64
from pathlib import Path

import pytest

from crisispool.settings import (
    SecretKey,
    Settings,
    SettingsError,
    environment,
    table,
    unknown_variables,
    variable,
)

KEY = base64.b64encode(bytes(range(32))).decode()
SECRETS = {
    "CRISISPOOL_DATABASE_URL": "postgresql://pool:canary1@db.example.org/pool",
    "CRISISPOOL_REDIS_URL": "redis://:canary2@redis.example.org:6379/0",
    "CRISISPOOL_TELEGRAM_TOKEN": "123456:canary3",
    "CRISISPOOL_SECRET_KEYS": f"2026:{KEY}",
}


def test_without_any_variable_everything_is_embedded_and_local() -> None:
    settings = Settings.from_env({})
    assert settings.data_dir == Path.cwd() / "data"
    assert settings.database_url is None
    assert settings.redis_url is None
    assert settings.telegram_token is None
    assert settings.secret_keys is None
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.log_level == "INFO"


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_env({"CRISISPOOL_PORT": " ", "CRISISPOOL_REDIS_URL": ""}) == Settings.from_env({})


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://localhost:9000"),  # noqa: S104  # a name only
        ("::", "http://localhost:9000"),
        ("::1", "http://[::1]:9000"),
        ("pool.local", "http://pool.local:9000"),
    ],
)
def test_the_public_address_follows_host_and_port(host: str, address: str) -> None:
    settings = Settings.from_env({"CRISISPOOL_HOST": host, "CRISISPOOL_PORT": "9000"})
    assert settings.public_url == address


def test_a_given_public_address_wins_and_loses_its_last_slash() -> None:
    settings = Settings.from_env({"CRISISPOOL_PUBLIC_URL": "https://pool.example.org/"})
    assert settings.public_url == "https://pool.example.org"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@db/pool", "postgresql+asyncpg://u:p@db/pool"),
        ("postgresql://u:p@db/pool", "postgresql+asyncpg://u:p@db/pool"),
        ("postgresql+asyncpg://u:p@db/pool", "postgresql+asyncpg://u:p@db/pool"),
        ("sqlite:////srv/pool.db", "sqlite:////srv/pool.db"),
        ("sqlite+aiosqlite:////srv/pool.db", "sqlite:////srv/pool.db"),
    ],
)
def test_a_database_address_gets_its_asynchronous_driver(given: str, used: str) -> None:
    assert Settings.from_env({"CRISISPOOL_DATABASE_URL": given}).database_url == used


def test_keys_keep_their_order_and_both_alphabets_are_read() -> None:
    other = base64.urlsafe_b64encode(b"\xff" * 32).decode()
    settings = Settings.from_env({"CRISISPOOL_SECRET_KEYS": f"new:{other}, old:{KEY}"})
    assert settings.secret_keys == (SecretKey("new", b"\xff" * 32), SecretKey("old", bytes(range(32))))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATA_DIR", __file__),
        ("DATA_DIR", "~/pool"),
        ("DATABASE_URL", "mysql://db/pool"),
        ("DATABASE_URL", "postgresql+psycopg2://db/pool"),
        ("DATABASE_URL", "pool.db"),
        ("REDIS_URL", "localhost:6379"),
        ("HOST", "two words"),
        ("HOST", "a\nb"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "٨٠"),  # digits for Python, not for an address
        ("PUBLIC_URL", "pool.example.org"),
        ("PUBLIC_URL", "https://pool.example.org:port"),
        ("PUBLIC_URL", "javascript:alert(1)"),
        ("TELEGRAM_TOKEN", "canary"),
        ("TELEGRAM_API_URL", "ftp://example.org"),
        ("TELEGRAM_WEBHOOK", "maybe"),
        ("SMTP_URL", "mail.example.org"),
        ("MAIL_FROM", "nobody"),
        ("SECRET_KEYS", KEY),
        ("SECRET_KEYS", "2026:canary"),
        ("SECRET_KEYS", f"2026:{KEY},2026:{KEY}"),
        ("SECRET_KEYS", f"2026:{KEY},"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_bad_value_is_refused_with_the_variable_and_the_way_out(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({f"CRISISPOOL_{name}": value})
    message = str(refused.value)
    assert message.startswith(f"CRISISPOOL_{name}: ")
    assert ";" in message  # what is wrong; what to do
    assert "\n" not in message
    assert (value in message) is (not table()[name.lower()].secret and value.isprintable())


def test_no_secret_shows_in_repr_or_in_the_list_for_the_doctor() -> None:
    settings = Settings.from_env(SECRETS)
    everything = repr(settings) + str(settings) + str(settings.masked()) + repr(settings.secret_keys)
    for canary in ("canary1", "canary2", "canary3", KEY, str(bytes(range(32)))):
        assert canary not in everything


def test_the_list_for_the_doctor_names_every_setting_with_value_and_meaning() -> None:
    rows = {name: (value, meaning) for name, value, meaning in Settings.from_env(SECRETS).masked()}
    assert set(rows) == {variable(field) for field in table()}
    assert rows["CRISISPOOL_PORT"][0] == "8080"
    assert rows["CRISISPOOL_TELEGRAM_TOKEN"][0] == "(set, hidden)"
    assert rows["CRISISPOOL_TELEGRAM_WEBHOOK"][0] == "no", "as one would write it"
    assert all(meaning for _, meaning in rows.values())


def test_a_slip_of_the_pen_in_a_variable_is_found() -> None:
    assert unknown_variables({"CRISISPOOL_DATABSE_URL": "x", "CRISISPOOL_PORT": "1", "PATH": "/bin"}) == [
        "CRISISPOOL_DATABSE_URL"
    ]


def test_the_environment_is_a_copy() -> None:
    environment()["CRISISPOOL_PORT"] = "1"
    assert "CRISISPOOL_PORT" not in environment()
