"""The context of a request, passed to every resolver."""

from asyncio import Event
from collections.abc import Callable
from dataclasses import dataclass, field

import strawberry
from strawberry.dataloader import DataLoader

from graphql_api.access.keys import ApiKeys
from graphql_api.audit.log import AuditLog
from graphql_api.caller import Caller
from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.documents import LineRange, ProviderEvent
from graphql_api.engine.engine import Engine
from graphql_api.finetunings.base_llm import ModelPolicy
from graphql_api.following.change_feed import Feed
from graphql_api.schema.loaders import DocumentLoader, document_loader
from graphql_api.schema.workload import Workload
from graphql_api.store.quotas import QuotaStore
from graphql_api.store.reads import provider_events
from graphql_api.tenancy import TenantScope
from graphql_api.turns import LoopTurns


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The long-lived parts for resolvers.

    ``wake_worker`` announces new work. Without ``quotas`` tenants have none. Without ``keys`` the
    server takes no API keys, without ``audit`` it keeps no audit log.
    """

    engine: Engine
    feed: Feed
    models: ModelPolicy
    wake_worker: Callable[[], None]
    sql_check: SqlCheck
    keys: ApiKeys | None = None
    audit: AuditLog | None = None
    quotas: QuotaStore | None = None
    turns: LoopTurns = field(default_factory=LoopTurns)


@dataclass(kw_only=True)
class Context:
    """One request: its caller, its id in the log, and the parts it may call.

    A subscription sets ``started`` as soon as it misses no further event, even if its first event is far off.
    It sets ``subject`` to what its next result is about, if a repetition of the last one need not be sent.
    ``workload`` is the connection's: the operations of a WebSocket share one.
    """

    caller: Caller
    request_id: str
    services: Services
    started: Event = field(default_factory=Event)
    subject: object | None = None
    workload: Workload = field(default_factory=Workload)
    documents: DocumentLoader = field(init=False)
    provider_events: DataLoader[LineRange, list[ProviderEvent]] = field(init=False)

    def __post_init__(self) -> None:
        self.documents = document_loader(TenantScope.of(self.caller))
        # Not cached: a subscription's context lives long, and no operation asks for the same lines twice.
        self.provider_events = DataLoader(load_fn=provider_events, cache=False)

    @property
    def turns(self) -> LoopTurns:
        """The turns that all requests share."""
        return self.services.turns

    @property
    def audit(self) -> AuditLog | None:
        """The audit log, if the server keeps one."""
        return self.services.audit


Info = strawberry.Info[Context, None]
