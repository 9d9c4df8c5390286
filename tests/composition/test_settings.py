"""The settings' defaults, parsing and errors.

An error is one line with the name of the bad setting.
"""

from pathlib import Path

import pytest
from pydantic import ValidationError

from graphql_api.composition.settings import Settings, complaints

DEFAULTS = {
    "mongodb_uri": None,
    "mongodb_database": "finetuning",
    "mongodb_timeout_s": 10,
    "store_stall_s": 60,
    "data_dir": Path(".data"),
    "mongod_binary": None,
    "credential_keys": None,
    "together_api_key": None,
    "together_base_url": None,
    "openai_api_key": None,
    "openai_base_url": None,
    "openai_webhook_secret": None,
    "openai_timeout_s": 15,
    "openai_upload_timeout_s": 45,
    "default_model": "gpt-4.1-mini-2025-04-14",
    "allowed_models": (),
    "sql_check": "warn",
    "auth": None,
    "key_pepper": None,
    "auth_failure_limit": "20/minute",
    "oidc_issuer": None,
    "oidc_audience": None,
    "oidc_tenant_claim": "tenant",
    "oidc_scope_claim": "scope",
    "host": "127.0.0.1",
    "port": 8000,
    "operations_port": None,
    "operations_host": "127.0.0.1",
    "log_level": "info",
    "log_format": "auto",
    "access_log": "off",
    "max_body_bytes": 1_000_000,
    "max_bodies_bytes": 48_000_000,
    "max_connections": 10_000,
    "request_head_s": 10,
    "request_body_s": 30,
    "max_subscribers": 5000,
    "max_operations": 100,
    "websocket_init_s": 10,
    "keep_alive_s": 15,
    "allowed_hosts": (),
    "provider_allowed_hosts": (),
    "forwarded_allow_ips": ("127.0.0.1", "::1"),
    "cors_origins": (),
    "expose_schema": None,
    "graphql_http_edition": "draft",
    "persisted_queries": "off",
    "trusted_documents": None,
    "max_query_depth": 20,
    "max_query_cost": 20_000,
    "rate_limit": "600000/minute",
    "rate_limit_cancels": "6000/minute",
    "rate_limit_store": "memory",
    "quota_live_finetunings": None,
    "quota_creates_per_day": None,
    "shutdown_s": 20,
    "worker": "on",
    "worker_slots": 4,
    "worker_idle_s": 1,
    "cancel_budget_s": 10,
    "operation_timeout_s": 60,
    "sync_interval_s": 10,
    "lease_s": 60,
    "grace_s": 120,
    "backoff_cap_s": 60,
    "sweep": "on",
    "sweep_interval_s": 60,
    "overdue_s": 300,
    "audit_days": 365,
}

NO_DATABASE = "String should match pattern '^[A-Za-z0-9_-]{1,63}$'"
SECONDS = [name for name in DEFAULTS if name.endswith("_s")]


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep out all settings of the machine."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def _complaint(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """Return the line about the faults of this environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name.upper(), value)
    with pytest.raises(ValidationError) as invalid:
        Settings()
    return complaints(invalid.value)


def test_defaults() -> None:
    """An empty environment gives exactly the defaults."""
    assert Settings().model_dump() == DEFAULTS


@pytest.mark.parametrize("name", DEFAULTS)
def test_empty_variable_is_an_absent_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A variable that is set to nothing, as compose files do, leaves the default."""
    monkeypatch.setenv(name.upper(), "")
    assert Settings().model_dump() == DEFAULTS


def test_every_setting_is_described() -> None:
    """Each setting gives its purpose in one sentence."""
    for name, field in Settings.model_fields.items():
        assert (field.description or "").endswith("."), name


@pytest.mark.parametrize(
    ("name", "value", "parsed"),
    [
        ("port", "0", 0),
        ("port", "65535", 65535),
        ("data_dir", "/srv/data", Path("/srv/data")),
        ("mongod_binary", "/usr/bin/mongod", Path("/usr/bin/mongod")),
        ("openai_base_url", "http://127.0.0.1:8001/v1", "http://127.0.0.1:8001/v1"),
        ("allowed_models", " gpt-4* , ,gpt-3.5-turbo,", ("gpt-4*", "gpt-3.5-turbo")),
        ("allowed_models", ",", ()),
        (
            "cors_origins",
            "http://a.example:443,https://a.example:80",
            ("http://a.example:443", "https://a.example:80"),
        ),
        ("mongodb_database", "x" * 63, "x" * 63),
        (
            "cors_origins",
            "https://a.example, http://localhost:3000",
            ("https://a.example", "http://localhost:3000"),
        ),
        ("cors_origins", "*", ("*",)),
        ("allowed_hosts", "api.example.com, 10.0.0.0/8,::1", ("api.example.com", "10.0.0.0/8", "::1")),
        ("provider_allowed_hosts", "a.corp.example,10.1.2.0/24", ("a.corp.example", "10.1.2.0/24")),
        ("forwarded_allow_ips", "10.0.0.7,fd00::/8", ("10.0.0.7", "fd00::/8")),
        ("forwarded_allow_ips", ",", ()),
        (
            "cors_origins",
            "http://localhost:5173,https://[::1]:8443",
            ("http://localhost:5173", "https://[::1]:8443"),
        ),
        ("auth_failure_limit", "100/Hour", "100/hour"),
        ("auth_failure_limit", "OFF", "off"),
        ("expose_schema", "on", True),
        ("expose_schema", "false", False),
        ("persisted_queries", "Automatic", "automatic"),
        ("graphql_http_edition", "2026-09", "2026-09"),
        ("log_level", "WARNING", "warning"),
        ("log_format", "Json", "json"),
        ("max_subscribers", "0", 0),
        ("worker", "OFF", "off"),
        ("worker_slots", "64", 64),
        ("cancel_budget_s", "0.5", 0.5),
        ("grace_s", "86400", 86_400),
        ("lease_s", "45.1", 45.1),
        ("sweep", "Dry-Run", "dry-run"),
        ("sweep", "OFF", "off"),
        ("sweep_interval_s", "0.1", 0.1),
        ("overdue_s", "86400", 86_400),
    ],
)
def test_good_values(monkeypatch: pytest.MonkeyPatch, name: str, value: str, parsed: object) -> None:
    """A good value is taken as meant, and changes nothing else."""
    monkeypatch.setenv(name.upper(), value)
    assert Settings().model_dump() == {**DEFAULTS, name: parsed}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("port", "eighty", "Input should be a valid integer, unable to parse string as an integer"),
        ("port", "65536", "Input should be less than or equal to 65535"),
        ("port", "-1", "Input should be greater than or equal to 0"),
        ("openai_base_url", "api.example.com", "String should match pattern '^https?://'"),
        ("log_level", "loud", "Input should be 'debug', 'info', 'warning' or 'error'"),
        ("log_format", "xml", "Input should be 'auto', 'json' or 'console'"),
        ("worker", "maybe", "Input should be 'on' or 'off'"),
        ("worker_slots", "0", "Input should be greater than or equal to 1"),
        ("worker_slots", "65", "Input should be less than or equal to 64"),
        ("max_body_bytes", "0", "Input should be greater than 0"),
        ("max_connections", "0", "Input should be greater than or equal to 1"),
        ("max_subscribers", "-1", "Input should be greater than or equal to 0"),
        ("max_operations", "0", "Input should be greater than or equal to 1"),
        ("graphql_http_edition", "2025", "Input should be 'draft' or '2026-09'"),
        ("expose_schema", "perhaps", "Input should be a valid boolean, unable to interpret input"),
        ("max_query_depth", "0", "Input should be greater than 0"),
        ("max_query_cost", "0", "Input should be greater than 0"),
        ("persisted_queries", "on", "Input should be 'off' or 'automatic'"),
        ("mongodb_database", "a b/c", NO_DATABASE),
        ("mongodb_database", "a.b", NO_DATABASE),
        ("mongodb_database", "x" * 64, NO_DATABASE),
        ("sweep", "dry_run", "Input should be 'on', 'dry-run' or 'off'"),
    ],
)
def test_bad_values(monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str) -> None:
    """A bad value is named with its fault."""
    assert _complaint(monkeypatch, **{name: value}) == f"{name.upper()}: {reason}"


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("0", "Input should be greater than 0"),
        ("-1", "Input should be greater than 0"),
        ("nan", "Input should be less than or equal to 86400"),
        ("inf", "Input should be less than or equal to 86400"),
        ("86401", "Input should be less than or equal to 86400"),
    ],
)
def test_bad_durations(monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str) -> None:
    """A duration is above nothing and at most a day."""
    assert f"{name.upper()}: {reason}" in _complaint(monkeypatch, **{name: value})


@pytest.mark.parametrize(
    ("auth", "said", "shown"),
    [
        (None, None, True),
        ("none", None, True),
        ("keys", None, False),
        ("keys,oidc", None, False),
        ("oidc", "on", True),
        ("none", "off", False),
    ],
)
def test_the_schema_is_hidden_where_callers_need_a_credential(
    monkeypatch: pytest.MonkeyPatch, auth: str | None, said: str | None, *, shown: bool
) -> None:
    """Unless the setting says otherwise."""
    for name, value in (("AUTH", auth), ("EXPOSE_SCHEMA", said)):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert Settings().exposes_schema is shown


def test_all_complaints_stand_in_one_line_without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several bad settings are told at once, in one line, without their values."""
    bad = {"port": "secret-1", "worker": "secret-2", "openai_base_url": "secret-3\nsecret-4"}
    complaint = _complaint(monkeypatch, **bad)
    assert [part.partition(":")[0] for part in complaint.split("; ")] == ["OPENAI_BASE_URL", "PORT", "WORKER"]
    assert "secret" not in complaint
    assert "\n" not in complaint


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a key nor the URI with its password shows in a text, a repr or a dump."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
    monkeypatch.setenv("OPENAI_WEBHOOK_SECRET", "whsec_aGlkZGVu")
    monkeypatch.setenv("MONGODB_URI", "mongodb://operator:hidden@db")
    settings = Settings()
    shown = f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    assert "hidden" not in shown
    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "sk-hidden"
    assert settings.openai_webhook_secret is not None
    assert settings.openai_webhook_secret.get_secret_value() == "whsec_aGlkZGVu"
