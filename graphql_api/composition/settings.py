"""Every setting of the server, read from the environment and checked at the start."""

from base64 import b64decode
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from graphql_api.address import is_host, is_network, is_origin
from graphql_api.composition.mongodb_uri import complaint_about
from graphql_api.finetunings.base_llm import is_allowed

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Settings(BaseSettings):
    """The settings; each is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    mongodb_uri: SecretStr | None = Field(
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

    openai_api_key: SecretStr | None = Field(None, description="The provider's API key.")
    openai_base_url: str | None = Field(
        None, pattern=r"^https?://", description="An OpenAI-compatible endpoint. Absent: OpenAI itself."
    )
    openai_webhook_secret: SecretStr | None = Field(
        None, description="The secret of the provider's webhooks (`whsec_…`). Absent: webhooks are off."
    )
    openai_timeout_s: Seconds = Field(15, description="The longest time for one provider call in all.")
    openai_upload_timeout_s: Seconds = Field(45, description="The longest time for one upload in all.")

    default_model: str = Field(
        "gpt-4.1-mini-2025-04-14",
        min_length=1,
        description="The base model of a finetuning without one of its own.",
    )
    allowed_models: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Shell patterns of the models to allow for training; one has to fit `DEFAULT_MODEL`. "
        "Empty: all models.",
    )

    sql_check: Literal["off", "warn", "strict"] = Field(
        "warn",
        description="What happens to a golden record if its SQL is not one query: `strict` refuses it, "
        "`warn` stores it with a warning, `off` does not check.",
    )

    auth: Annotated[tuple[Literal["none", "keys", "oidc"], ...] | None, NoDecode] = Field(
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
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The lowest level to log."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="The format of the logs. `auto`: console in a terminal, JSON elsewhere."
    )
    max_body_bytes: int = Field(1_000_000, gt=0, description="The largest request body in bytes.")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="The names and addresses by which clients know this server, without a port, such as "
        "`api.example.com` or `10.0.0.0/8`; it refuses others with 421. "
        "Empty: `localhost`, this machine's loopback addresses, and `HOST`.",
    )
    forwarded_allow_ips: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.1", "::1"),
        description="The addresses or networks of the proxies in front. Only they may name the client's "
        "address and scheme (`X-Forwarded-For`, `X-Forwarded-Proto`).",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="The sites whose pages may use this server, such as `https://app.example.com`. "
        "`*`: all sites. Empty: no other site.",
    )
    graphql_http_edition: Literal["draft", "2026-09"] = Field(
        "draft",
        description="The edition of GraphQL over HTTP for the statuses of failed requests: the draft of many "
        "years, or the edition of September 2026.",
    )
    persisted_queries: Literal["off", "automatic"] = Field(
        "off",
        description="`automatic` keeps documents for clients that send hashes (Apollo's protocol).",
    )
    trusted_documents: Path | None = Field(
        None, description="A JSON file of documents by their hashes. If set, the server runs these alone."
    )
    max_query_depth: int = Field(20, gt=0, description="The most levels of fields in one operation.")
    max_query_cost: int = Field(
        20_000, gt=0, description="The most fields that one operation may resolve, counted by its page sizes."
    )
    max_subscribers: int = Field(
        5000, ge=0, description="The most WebSockets and event streams open at once in one process."
    )
    max_operations: int = Field(100, ge=1, description="The most operations at once on one WebSocket.")
    websocket_init_s: Seconds = Field(
        10, description="The longest time a WebSocket may be open before it says connection_init."
    )
    keep_alive_s: Seconds = Field(
        15, description="How often the server pings subscribers. A WebSocket has as long to answer."
    )
    shutdown_s: Seconds = Field(
        20,
        description="The longest time to stop; after it the process ends by force. Requests in flight get "
        "three quarters of it.",
    )

    worker: Literal["on", "off"] = Field("on", description="Whether this process works in the background.")
    worker_slots: int = Field(4, ge=1, le=64, description="How many finetunings it works on at once.")
    worker_idle_s: Seconds = Field(1, description="How often the worker looks for due work.")

    cancel_budget_s: Seconds = Field(10, description="The longest time a cancel waits for the provider.")
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
    sweep: Literal["on", "dry-run", "off"] = Field(
        "on",
        description="Whether the sweep stops provider jobs without a live finetuning. `dry-run` only "
        "reports them.",
    )
    sweep_interval_s: Seconds = Field(60, description="How often one of the servers looks for such jobs.")
    overdue_s: Seconds = Field(300, description="The age at which the server reports an unconfirmed cancel.")

    @field_validator("mongodb_uri")
    @classmethod
    def _is_well_formed(cls, value: SecretStr | None) -> SecretStr | None:
        complaint = None if value is None else complaint_about(value.get_secret_value())
        if complaint is not None:
            raise ValueError(complaint)
        return value

    @field_validator("openai_webhook_secret")
    @classmethod
    def _has_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        _, prefix, encoded = ("" if value is None else value.get_secret_value()).rpartition("whsec_")
        if prefix:  # what follows is the key itself; anything else would refuse every webhook, one by one
            try:
                known = b64decode(encoded, validate=True)
            except ValueError:
                known = b""
            if not known:
                raise ValueError("must be base64 after its prefix whsec_")
        return value

    @property
    def auth_modes(self) -> tuple[str, ...]:
        """The kinds of credentials; empty if every caller is anonymous."""
        return tuple(mode for mode in self.auth or () if mode != "none")

    @field_validator("auth")
    @classmethod
    def _is_one_or_the_other(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and "none" in value and len(value) > 1:
            raise ValueError("must be none alone, or without none")
        return value

    @field_validator(
        "allowed_models", "allowed_hosts", "forwarded_allow_ips", "cors_origins", "auth", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("allowed_models")
    @classmethod
    def _allows_the_default(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not is_allowed(info.data.get("default_model", ""), allowed=value):
            raise ValueError("must allow DEFAULT_MODEL, too")  # else a create that names none is refused
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(map(is_host, value)):
            raise ValueError(
                "must be names, addresses or networks, without a port and without wildcards, "
                "such as api.example.com or 10.0.0.0/8"
            )
        return value

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(map(is_network, value)):
            raise ValueError("must be addresses or networks, such as 10.0.0.7 or 10.0.0.0/8")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(origin == "*" or is_origin(origin) for origin in value):
            raise ValueError(
                "must be *, or origins as browsers send them: scheme and host in lower case, "
                "without a path and the scheme's own port, such as https://app.example.com"
            )
        return value

    @field_validator(
        "log_level", "log_format", "worker", "sweep", "sql_check", "persisted_queries", mode="before"
    )
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("store_stall_s")
    @classmethod
    def _outlives_every_operation(cls, value: float, info: ValidationInfo) -> float:
        timeout_s = info.data.get("mongodb_timeout_s", 0)
        if value <= 2 * timeout_s:  # else an outage, in which operations end that late, would seem a stall
            raise ValueError(f"must be above twice MONGODB_TIMEOUT_S, {2 * timeout_s:g} s")
        return value

    @field_validator("lease_s")
    @classmethod
    def _outlives_every_step(cls, value: float, info: ValidationInfo) -> float:
        call_s, upload_s = (
            info.data.get(name, 0) for name in ("openai_timeout_s", "openai_upload_timeout_s")
        )
        if value <= 2 * call_s:  # a cancel and its read back
            raise ValueError(f"must be above two provider calls of OPENAI_TIMEOUT_S, {2 * call_s:g} s")
        if value <= upload_s:
            raise ValueError(f"must be above OPENAI_UPLOAD_TIMEOUT_S, {upload_s:g} s")
        return value

    @field_validator("grace_s")
    @classmethod
    def _outlives_a_create(cls, value: float, info: ValidationInfo) -> float:
        call_s = info.data.get("openai_timeout_s", 0)
        if value <= call_s:  # else a create call that is still under way would be given up
            raise ValueError(f"must be above OPENAI_TIMEOUT_S, {call_s:g} s")
        return value


def complaints(invalid: ValidationError) -> str:
    """Return one line that names each bad setting and says what is wrong with it, without its value."""
    return "; ".join(
        f"{'.'.join(map(str, error['loc'])).upper()}: {error['msg'].removeprefix('Value error, ')}"
        for error in invalid.errors(include_input=False, include_url=False, include_context=False)
    )
