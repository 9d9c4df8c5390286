"""Tries a provider account with the cheapest real call."""

import re
from enum import StrEnum

from graphql_api.accounts.manage import find_account
from graphql_api.accounts.opening import Accounts, SealedCredentialError
from graphql_api.caller import Caller
from graphql_api.documents import ProviderAccount
from graphql_api.providers.port import (
    CredentialsError,
    MalformedAnswerError,
    NotSentError,
    PermissionDeniedError,
    ProviderFault,
    RejectedError,
)


class Finding(StrEnum):
    """What the trial found, in one word."""

    OK = "ok"
    DISABLED = "disabled"
    KEY_REFUSED = "key_refused"
    NOT_ALLOWED = "not_allowed"
    UNREACHABLE = "unreachable"
    CLOCK = "clock"
    NOT_THIS_WIRE = "not_this_wire"
    FAILED = "failed"
    SEALED = "sealed"


_OUT_OF_TIME = re.compile("certificate (is not yet valid|has expired)")

_FINDINGS: tuple[tuple[type[ProviderFault], Finding], ...] = (
    (PermissionDeniedError, Finding.NOT_ALLOWED),
    (CredentialsError, Finding.KEY_REFUSED),
    (RejectedError, Finding.NOT_THIS_WIRE),
    (MalformedAnswerError, Finding.NOT_THIS_WIRE),
    (SealedCredentialError, Finding.SEALED),
    (NotSentError, Finding.UNREACHABLE),
)
"""The first fitting one counts; any other fault is the provider's failure."""


async def try_account(account_id: str, *, caller: Caller, accounts: Accounts) -> tuple[Finding, str]:
    """Ask for the account's newest jobs, and return the finding in one word and in one sentence.

    Raises ``BadUserInputError`` or ``ProviderAccountNotFoundError``.
    """
    account = await find_account(account_id, caller=caller)
    if account.is_disabled:
        return Finding.DISABLED, "The account is disabled, so no call was made."
    try:
        await _ask(account, accounts=accounts)
    except ProviderFault as fault:
        return _found(fault), fault.message
    return Finding.OK, "The provider listed the account's jobs."


async def _ask(account: ProviderAccount, *, accounts: Accounts) -> None:
    provider = await accounts.client(account)
    try:
        async for _ in provider.list_jobs():
            break
    except CredentialsError:
        await accounts.note_refusal(account.key)
        raise


def _found(fault: ProviderFault) -> Finding:
    if _OUT_OF_TIME.search(fault.message):
        return Finding.CLOCK
    return next((finding for kind, finding in _FINDINGS if isinstance(fault, kind)), Finding.FAILED)
