"""Every setting of the server, read from the environment or a file `.env`, and checked at the start."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from graphql_api.composition.caller_limits import CallerLimits
from graphql_api.composition.provider_settings import ProviderSettings
from graphql_api.composition.setting_layers import layers
from graphql_api.composition.setting_relations import (
    allow_the_default,
    fit_the_largest,
    outlives_a_cancel,
    outlives_a_create,
    outlives_every_operation,
    outlives_every_step,
)
from graphql_api.composition.setting_types import (
    Hosts,
    Listed,
    Lowered,
    MongodbUri,
    Networks,
    Origins,
    Rate,
    Seconds,
)


class Settings(ProviderSettings, CallerLimits):
    """The settings; each is an environment variable of the same name in capitals.

    With ``_FILE`` after its name the variable names a file with the value.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    mongodb_uri: MongodbUri | None = Field(
        None,
        description="The MongoDB to use, a replica set or a mongos. Absent: the server runs its own "
        "mongod under `DATA_DIR`.",
    )
    mongodb_database: str = Field(
        "finetuning", pattern=r"^[A-Za-z0-9_-]{1,63}$", description="The database's name."
    )
    mongodb_timeout_s: Seconds = Field(10, description="The longest time for one operation on MongoDB.")
    store_stall_s: Seconds = Field(
        60,
        description="`/livez` fails after this time in which operations on MongoDB wait and not one ends. "
        "More than twice `MONGODB_TIMEOUT_S`.",
    )
    data_dir: Path = Field(
        Path(".data"), description="The folder of the embedded mongod's and the sandbox's data."
    )
    mongod_binary: Path | None = Field(
        None, description="The binary of the embedded mongod. Absent: the server looks for one."
    )

    default_model: str = Field(
        "gpt-4.1-mini-2025-04-14",
        min_length=1,
        description="The base model of a finetuning without one of its own.",
    )
    allowed_models: Listed[str] = Field(
        (),
        description="Shell patterns of the models to allow for training; one has to fit `DEFAULT_MODEL`. "
        "Empty: all models.",
    )

    sql_check: Lowered[Literal["off", "warn", "strict"]] = Field(
        "warn",
        description="What happens to a golden record if its SQL is not one query: `strict` refuses it, "
        "`warn` stores it with a warning, `off` does not check.",
    )

    auth: Listed[Literal["none", "keys", "oidc"]] | None = Field(
        None,
        description="How callers authenticate: `keys` (API keys), `oidc` (tokens of an OpenID provider), "
        "`keys,oidc`, or `none`: everybody may do everything. "
        "Absent: `none`, if `HOST` is a loopback address; otherwise the server does not start.",
    )
    key_pepper: Annotated[SecretStr, Field(min_length=32)] | None = Field(
        None,
        description="The secret that makes the stored digests of API keys worthless to a thief, at least 32 "
        "characters. Absent: made in `DATA_DIR`, beside the embedded MongoDB.",
    )
    audit_days: int = Field(
        365,
        ge=0,
        le=24_000,
        description="How many days the audit log keeps an entry. Of several servers on one MongoDB, the last "
        "one to start decides. 0: no audit log.",
    )

    auth_failure_limit: Rate = Field(
        "20/minute",
        description="How many wrong credentials one address (an IPv6 network of 64 bits) may send, or `off`. "
        "Further ones get 429 unread; known ones still pass.",
    )

    oidc_issuer: str | None = Field(
        None,
        pattern=r"^(https://|http://(127\.0\.0\.1|\[::1\]|localhost)[:/])",
        description="The URL of the OpenID provider, as its tokens name it.",
    )
    oidc_audience: str | None = Field(
        None, min_length=1, description="The audience that tokens must name: this server."
    )
    oidc_tenant_claim: str = Field(
        "tenant", min_length=1, description="The claim of a token that names the caller's tenant."
    )
    oidc_scope_claim: str = Field(
        "scope", min_length=1, description="The claim of a token with the caller's scopes."
    )

    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65_535, description="The port to listen on. 0 takes a free one.")
    operations_port: int | None = Field(
        None,
        ge=0,
        le=65_535,
        description="A port for operators: `/metrics` and `/readyz` move there, and answer without a "
        "credential. Absent: they are on the port of clients, for admins.",
    )
    operations_host: str = Field("127.0.0.1", description="The address to listen on for operators.")
    log_level: Lowered[Literal["debug", "info", "warning", "error"]] = Field(
        "info", description="The lowest level to log."
    )
    log_format: Lowered[Literal["auto", "json", "console"]] = Field(
        "auto", description="The format of the logs. `auto`: console in a terminal, JSON elsewhere."
    )
    access_log: Lowered[Literal["on", "off"]] = Field(
        "off", description="Whether to log a line for each request, with its time and its client."
    )
    max_body_bytes: int = Field(1_000_000, gt=0, description="The largest request body in bytes.")
    max_bodies_bytes: int = Field(
        48_000_000,
        description="The most bytes of all request bodies under way at once, and of all unread messages of "
        "WebSockets; the first 16 KiB of each count nothing. More than `MAX_BODY_BYTES`.",
    )
    max_connections: int = Field(
        10_000,
        ge=1,
        description="The most open connections; at most the limit of open files less 288. Health checks have "
        "32 places beyond it.",
    )
    request_head_s: Seconds = Field(10, description="The longest time for a request's head to arrive.")
    request_body_s: Seconds = Field(30, description="The longest time for a request's body to arrive.")
    allowed_hosts: Hosts = Field(
        (),
        description="The names and addresses by which clients know this server, without a port, such as "
        "`api.example.com` or `10.0.0.0/8`; it refuses others with 421. "
        "Empty: `localhost`, this machine's loopback addresses, and `HOST`.",
    )
    forwarded_allow_ips: Networks = Field(
        ("127.0.0.1", "::1"),
        description="The addresses or networks of the proxies in front. Only they may name the client's "
        "address and scheme (`X-Forwarded-For`, `X-Forwarded-Proto`).",
    )
    cors_origins: Origins = Field(
        (),
        description="The sites whose pages may use this server, such as `https://app.example.com`. "
        "`*`: all sites. Empty: no other site.",
    )
    expose_schema: bool | None = Field(
        None,
        description="Whether clients see more of the schema than they know: introspection, suggestions in "
        "errors, the console, GraphiQL, `/schema.graphql`, and queries in URLs. Absent: `on`, unless callers "
        "need a credential.",
    )
    graphql_http_edition: Literal["draft", "2026-09"] = Field(
        "draft",
        description="The edition of GraphQL over HTTP for the statuses of failed requests: the draft of many "
        "years, or the edition of September 2026.",
    )
    persisted_queries: Lowered[Literal["off", "automatic"]] = Field(
        "off",
        description="`automatic` keeps documents for clients that send hashes (Apollo's protocol).",
    )
    trusted_documents: Path | None = Field(
        None, description="A JSON file of documents by their hashes. If set, the server runs these alone."
    )
    max_subscribers: int = Field(
        5000, ge=0, description="The most WebSockets and event streams open at once in one process."
    )
    max_operations: int = Field(100, ge=1, description="The most operations at once on one WebSocket.")
    websocket_init_s: Seconds = Field(
        10, description="The longest time a WebSocket may be open before it says connection_init."
    )
    keep_alive_s: Seconds = Field(
        15,
        description="How often the server pings subscribers. A WebSocket has as long to answer, and a slow "
        "reader of an answer to take 16 KiB more of it.",
    )
    shutdown_s: Seconds = Field(
        20,
        description="The longest time to stop; after it the process ends by force. Requests in flight get "
        "three quarters of it.",
    )

    worker: Lowered[Literal["on", "off"]] = Field(
        "on", description="Whether this process works in the background."
    )
    worker_slots: int = Field(4, ge=1, le=64, description="How many finetunings it works on at once.")
    worker_idle_s: Seconds = Field(1, description="How often the worker looks for due work.")

    cancel_budget_s: Seconds = Field(10, description="The longest time a cancel waits for the provider.")
    operation_timeout_s: Seconds = Field(
        60, description="The longest time for one operation. More than `CANCEL_BUDGET_S`."
    )
    sync_interval_s: Seconds = Field(10, description="How often the server reads a live job's status.")
    lease_s: Seconds = Field(
        60,
        description="The time after which others take over from a silent worker. More than twice "
        "`OPENAI_TIMEOUT_S`, and more than `OPENAI_UPLOAD_TIMEOUT_S`.",
    )
    grace_s: Seconds = Field(
        120,
        description="The time in which an unknown provider job may still turn up. More than "
        "`OPENAI_TIMEOUT_S`.",
    )
    backoff_cap_s: Seconds = Field(60, description="The longest pause between two tries.")
    sweep: Lowered[Literal["on", "dry-run", "off"]] = Field(
        "on",
        description="Whether the sweep stops provider jobs without a live finetuning. `dry-run` only "
        "reports them.",
    )
    sweep_interval_s: Seconds = Field(60, description="How often one of the servers looks for such jobs.")
    overdue_s: Seconds = Field(300, description="The age at which the server reports an unconfirmed cancel.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[Any, ...]:
        """Return the sources of values, the first one first."""
        return init_settings, *layers(settings_cls.model_fields, env_settings, dotenv_settings)

    @property
    def auth_modes(self) -> tuple[str, ...]:
        """The kinds of credentials; empty if every caller is anonymous."""
        return tuple(mode for mode in self.auth or () if mode != "none")

    @property
    def exposes_schema(self) -> bool:
        """Whether clients see the schema; by default where everybody may do everything."""
        return not self.auth_modes if self.expose_schema is None else self.expose_schema

    @field_validator("auth")
    @classmethod
    def _is_one_or_the_other(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and "none" in value and len(value) > 1:
            raise ValueError("must be none alone, or without none")
        return value

    _models = field_validator("allowed_models")(allow_the_default)
    _bodies = field_validator("max_bodies_bytes")(fit_the_largest)
    _stall = field_validator("store_stall_s")(outlives_every_operation)
    _lease = field_validator("lease_s")(outlives_every_step)
    _operation = field_validator("operation_timeout_s")(outlives_a_cancel)
    _grace = field_validator("grace_s")(outlives_a_create)


def complaints(invalid: ValidationError) -> str:
    """Return one line that names each bad setting and says what is wrong with it, without its value."""
    return "; ".join(
        f"{'.'.join(map(str, error['loc'])).upper()}: {error['msg'].removeprefix('Value error, ')}"
        for error in invalid.errors(include_input=False, include_url=False, include_context=False)
    )
