"""The refusals of work with provider accounts, each with a code for clients."""

from collections.abc import Sequence

from graphql_api.errors import ExpectedError, named


class ProviderAccountNotFoundError(ExpectedError):
    """This caller has no provider account with this id."""

    code = "PROVIDER_ACCOUNT_NOT_FOUND"

    def __init__(self, account_id: object) -> None:
        super().__init__(f"There is no provider account {account_id}.", providerAccountId=str(account_id))


class ProviderAccountDisabledError(ExpectedError):
    """The provider account is disabled, so nothing new starts with it."""

    code = "PROVIDER_ACCOUNT_DISABLED"

    def __init__(self, account_id: object) -> None:
        super().__init__(
            f"The provider account {account_id} is disabled. Enable it, or choose another one.",
            providerAccountId=str(account_id),
        )


class ProviderAccountInUseError(ExpectedError):
    """Finetunings of the account are not done with it."""

    code = "PROVIDER_ACCOUNT_IN_USE"

    def __init__(self, account_id: object, *, finetunings: Sequence[str]) -> None:
        super().__init__(
            f"Provider account {account_id} is needed by finetunings: {named(finetunings)}. "
            "Cancel them or wait for their end, then ask again.",
            providerAccountId=str(account_id),
            finetunings=list(finetunings),
        )


class ProviderAccountNameTakenError(ExpectedError):
    """Another provider account of the tenant has this name."""

    code = "PROVIDER_ACCOUNT_NAME_TAKEN"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is already a provider account {name!r}.", name=name)


class ProviderAccountBusyError(ExpectedError):
    """The key of the provider account is rotated by others at the same time."""

    code = "PROVIDER_ACCOUNT_BUSY"

    def __init__(self, account_id: object) -> None:
        super().__init__(
            f"Others rotate the key of the provider account {account_id} at the same time. Ask again.",
            providerAccountId=str(account_id),
        )


class TooManyProviderAccountsError(ExpectedError):
    """The tenant has as many provider accounts as it may have."""

    code = "TOO_MANY_PROVIDER_ACCOUNTS"

    def __init__(self, most: int) -> None:
        super().__init__(f"A tenant may have at most {most} provider accounts. Delete one.", most=most)


class ProviderAccountsOffError(ExpectedError):
    """This server has no key for the credentials of provider accounts."""

    code = "PROVIDER_ACCOUNTS_OFF"

    def __init__(self) -> None:
        super().__init__("This server keeps no provider accounts: its operator has not set CREDENTIAL_KEYS.")


class CredentialSealedError(ExpectedError):
    """None of the server's keys opens the stored credential."""

    code = "CREDENTIAL_SEALED"

    def __init__(self, account_id: object) -> None:
        super().__init__(
            f"None of CREDENTIAL_KEYS opens the credential of the provider account {account_id}. "
            "Rotate its key, and give the headers, too.",
            providerAccountId=str(account_id),
        )
