"""The Beanie documents. They are the model: resolvers return them and use cases change them."""

from graphql_api.documents.catalogue import CatalogueDocument, Tombstone
from graphql_api.documents.database import (
    Client,
    Database,
    connect,
    deployment_id,
    initialise,
    is_unavailable,
)
from graphql_api.documents.db_connection import DbConnection
from graphql_api.documents.finetuning import (
    CANCELLED_BY_USER,
    BaseLlm,
    Cancellation,
    Dataset,
    Deletion,
    Finetuning,
    Idempotency,
    Lease,
    ModelParameters,
)
from graphql_api.documents.golden_record import (
    GoldenRecord,
    GoldenRecordWarning,
    GoldenRecordWarningCode,
)
from graphql_api.documents.paging import DEFAULT_PAGE, LARGEST_PAGE
from graphql_api.documents.status import (
    LIVE,
    TERMINAL,
    CancellationPhase,
    FinetuningStatus,
    Wanted,
    sources_of,
)
from graphql_api.documents.timeline import FinetuningEvent, FinetuningEventKind
from graphql_api.documents.webhook_delivery import WebhookDelivery

__all__ = [
    "CANCELLED_BY_USER",
    "DEFAULT_PAGE",
    "LARGEST_PAGE",
    "LIVE",
    "TERMINAL",
    "BaseLlm",
    "Cancellation",
    "CancellationPhase",
    "CatalogueDocument",
    "Client",
    "Database",
    "Dataset",
    "DbConnection",
    "Deletion",
    "Finetuning",
    "FinetuningEvent",
    "FinetuningEventKind",
    "FinetuningStatus",
    "GoldenRecord",
    "GoldenRecordWarning",
    "GoldenRecordWarningCode",
    "Idempotency",
    "Lease",
    "ModelParameters",
    "Tombstone",
    "Wanted",
    "WebhookDelivery",
    "connect",
    "deployment_id",
    "initialise",
    "is_unavailable",
    "sources_of",
]
