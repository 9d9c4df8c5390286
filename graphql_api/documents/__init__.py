"""The Beanie documents: they are the model.

Resolvers return them and use cases change them.
"""

from graphql_api.documents.account_key import AccountKey
from graphql_api.documents.api_key import ApiKey
from graphql_api.documents.audit_entry import AuditEntry, AuditOutcome, AuditTarget, AuditTargetKind
from graphql_api.documents.catalogue import CatalogueDocument, Tombstone
from graphql_api.documents.cursors import BadCursorError, Listing
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
    LogPlace,
    ModelParameters,
    TrainedParameters,
)
from graphql_api.documents.golden_record import (
    GoldenRecord,
    GoldenRecordWarning,
    GoldenRecordWarningCode,
)
from graphql_api.documents.golden_record_ids import GoldenRecordIds
from graphql_api.documents.ids import ObjectId
from graphql_api.documents.line_identity import LineIdentity
from graphql_api.documents.paging import DEFAULT_PAGE, LARGEST_PAGE
from graphql_api.documents.provider_account import ProviderAccount
from graphql_api.documents.provider_event import (
    Checkpoint,
    LineRange,
    ProviderEvent,
    TrainingMetrics,
    identity_of,
)
from graphql_api.documents.status import (
    LIVE,
    TERMINAL,
    CancellationPhase,
    FinetuningStatus,
    Wanted,
)
from graphql_api.documents.timeline import (
    MOST_ENTRIES,
    REPEATABLE,
    FinetuningEvent,
    FinetuningEventKind,
)
from graphql_api.documents.webhook_delivery import WebhookDelivery

__all__ = [
    "CANCELLED_BY_USER",
    "DEFAULT_PAGE",
    "LARGEST_PAGE",
    "LIVE",
    "MOST_ENTRIES",
    "REPEATABLE",
    "TERMINAL",
    "AccountKey",
    "ApiKey",
    "AuditEntry",
    "AuditOutcome",
    "AuditTarget",
    "AuditTargetKind",
    "BadCursorError",
    "BaseLlm",
    "Cancellation",
    "CancellationPhase",
    "CatalogueDocument",
    "Checkpoint",
    "Dataset",
    "DbConnection",
    "Deletion",
    "Finetuning",
    "FinetuningEvent",
    "FinetuningEventKind",
    "FinetuningStatus",
    "GoldenRecord",
    "GoldenRecordIds",
    "GoldenRecordWarning",
    "GoldenRecordWarningCode",
    "Idempotency",
    "Lease",
    "LineIdentity",
    "LineRange",
    "Listing",
    "LogPlace",
    "ModelParameters",
    "ObjectId",
    "ProviderAccount",
    "ProviderEvent",
    "Tombstone",
    "TrainedParameters",
    "TrainingMetrics",
    "Wanted",
    "WebhookDelivery",
    "identity_of",
]
