"""The checks of one setting beside another that stands before it; each returns the value, or raises."""

from pydantic import ValidationInfo

from graphql_api.accounts.fields import is_allowed


def allow_the_default(value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Models have to include the default one: else a create that names none is refused."""
    if not is_allowed(info.data.get("default_model", ""), allowed=value):
        raise ValueError("must allow DEFAULT_MODEL, too")
    return value


def fit_the_largest(value: int, info: ValidationInfo) -> int:
    """All bodies at once are more than the largest one."""
    largest = info.data.get("max_body_bytes", 0)
    if value <= largest:
        raise ValueError(f"must be above MAX_BODY_BYTES, {largest}")
    return value


def outlives_every_operation(value: float, info: ValidationInfo) -> float:
    """A stall is longer than two operations: else an outage, in which they end that late, would seem one."""
    timeout_s = info.data.get("mongodb_timeout_s", 0)
    if value <= 2 * timeout_s:
        raise ValueError(f"must be above twice MONGODB_TIMEOUT_S, {2 * timeout_s:g} s")
    return value


def outlives_a_cancel(value: float, info: ValidationInfo) -> float:
    """An operation may take longer than a cancel: else none could be answered by the provider's word."""
    return _outlives(value, info, "cancel_budget_s")


def outlives_every_step(value: float, info: ValidationInfo) -> float:
    """A lease is longer than a cancel with its read back, and than an upload."""
    call_s = info.data.get("openai_timeout_s", 0)
    if value <= 2 * call_s:
        raise ValueError(f"must be above two provider calls of OPENAI_TIMEOUT_S, {2 * call_s:g} s")
    return _outlives(value, info, "openai_upload_timeout_s")


def outlives_a_create(value: float, info: ValidationInfo) -> float:
    """A grace is longer than a create call: else one still under way would be given up."""
    return _outlives(value, info, "openai_timeout_s")


def _outlives(value: float, info: ValidationInfo, setting: str) -> float:
    other_s = info.data.get(setting, 0)
    if value <= other_s:
        raise ValueError(f"must be above {setting.upper()}, {other_s:g} s")
    return value
