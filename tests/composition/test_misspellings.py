"""Variables that are nearly settings."""

import pytest

from graphql_api.composition.misspellings import OF_OTHERS, misspellings
from graphql_api.composition.settings import Settings

OTHERS = [
    "AWS_REGION",
    "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_ENDPOINT",
    "DATABASE_URL",
    "DEFAULT_USER",
    "GITHUB_TOKEN",
    "HOME",
    "HOSTNAME",
    "HOSTTYPE",
    "HTTPS_PROXY",
    "LANG",
    "LOGLEVEL",
    "LOGNAME",
    "LOG_DIR",
    "LOG_FILE",
    "MONGODB_DB",
    "MONGODB_HOST",
    "MONGODB_PORT",
    "MONGODB_USERNAME",
    "MONGO_INITDB_DATABASE",
    "MONGO_URI",
    "MONGO_URL",
    "NO_PROXY",
    "OIDC_CLIENT_ID",
    "OLDPWD",
    "OPENAI_ADMIN_KEY",
    "OPENAI_API_BASE",
    "OPENAI_API_KEYS",
    "OPENAI_API_TYPE",
    "OPENAI_API_URL",
    "OPENAI_API_VERSION",
    "OPENAI_LOG",
    "OPENAI_MODEL",
    "OPENAI_ORGANIZATION",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "OPENAI_PROXY",
    "PATH",
    "PORTS",
    "PROMPT_COMMAND",
    "PYTHONPATH",
    "REQUESTS_CA_BUNDLE",
    "SHELL",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "TMPDIR",
    "USER",
    "UVICORN_HOST",
    "UVICORN_PORT",
    "VIRTUAL_ENV",
    "WEB_CONCURRENCY",
    "WORKERS",
    "XDG_DATA_DIRS",
]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("OPENAI_APIKEY", "OPENAI_API_KEY"),
        ("openai_api_kye", "OPENAI_API_KEY"),
        ("OPENAI_API_KEY_FIEL", "OPENAI_API_KEY_FILE"),
        ("MONGODB_URL", "MONGODB_URI"),
        ("CORS_ORIGIN", "CORS_ORIGINS"),
        ("SYNC_INTERVAL", "SYNC_INTERVAL_S"),
        ("GRAPHQL_API_TOKENS", "GRAPHQL_API_TOKEN"),
    ],
)
def test_a_near_miss_is_named(wrong: str, right: str) -> None:
    """With the setting that it may mean."""
    assert list(misspellings([wrong, "HOME"], Settings.model_fields)) == [(wrong.upper(), right)]


def test_every_setting_with_one_character_missing_is_named() -> None:
    """From eight characters on."""
    names = [name for name in Settings.model_fields if len(name) > 8]
    found = [next(misspellings([name[:4] + name[5:]], names), None) for name in names]
    assert found == [((name[:4] + name[5:]).upper(), name.upper()) for name in names]


def test_other_programs_variables_are_not_named() -> None:
    """Nor are our own, whatever their case."""
    own = [*Settings.model_fields, "OPENAI_API_KEY_FILE", "GRAPHQL_API_TOKEN", "GRAPHQL_API_ENV_FILE"]
    assert list(misspellings(OTHERS, Settings.model_fields)) == []
    assert list(misspellings(own, Settings.model_fields)) == []
    assert set(OTHERS) >= OF_OTHERS


@pytest.mark.parametrize("given", ["OPENAI_API_KEY", "openai_api_key_file"])
def test_a_setting_that_is_given_is_not_meant(given: str) -> None:
    """The other name is another program's."""
    assert list(misspellings(["OPENAI_APIKEY", given], Settings.model_fields)) == []
