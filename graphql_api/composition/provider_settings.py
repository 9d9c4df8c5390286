"""The settings of providers and of accounts at them."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from graphql_api.composition.setting_types import Hosts, Seconds, WebhookSecret


class ProviderSettings(BaseSettings):
    """Where jobs run, and under whose keys."""

    openai_api_key: SecretStr | None = Field(None, description="The provider's API key.")
    openai_base_url: str | None = Field(
        None, pattern=r"^https?://", description="An OpenAI-compatible endpoint. Absent: OpenAI itself."
    )
    openai_webhook_secret: WebhookSecret | None = Field(
        None, description="The secret of the provider's webhooks (`whsec_…`). Absent: webhooks are off."
    )
    openai_timeout_s: Seconds = Field(15, description="The longest time for one provider call in all.")
    openai_upload_timeout_s: Seconds = Field(45, description="The longest time for one upload in all.")

    together_api_key: SecretStr | None = Field(
        None,
        description="The API key of the server's own account at Together AI, which needs the extra "
        "`together`. Absent: only accounts of tenants train there.",
    )
    together_base_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="An endpoint that speaks Together AI's API, such as its stand-in. Absent: Together AI "
        "itself.",
    )

    credential_keys: SecretStr | None = Field(
        None,
        description="The keys that encrypt the credentials of provider accounts, separated by commas: the "
        "first one encrypts, all decrypt. Each is 32 bytes in URL-safe base64. Absent: one is made in "
        "`DATA_DIR`, beside the embedded MongoDB; with a MongoDB of your own, tenants have no accounts.",
    )
    provider_allowed_hosts: Hosts = Field(
        (),
        description="The hosts that are not public and that the base URLs of tenants may lead to: names, "
        "addresses or networks, without a port, such as `gateway.corp.example` or `10.1.2.0/24`. Their URLs "
        "may begin with `http://`. Empty: public hosts alone, over `https://`.",
    )
