"""The store's operations for users' requests, independent of any lease."""

from collections.abc import Mapping

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from graphql_api.documents import Finetuning, FinetuningEventKind
from graphql_api.store.expressions import NOT_DELETED, appended, event, literal, one_of, touched
from graphql_api.store.giving_up import STUCK, GivingUp, closing_stage, told_stage
from graphql_api.store.intent import CancelRequest, cancel_stage, delete_stage
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.tenancy import TenantScope


class Requests:
    """The operations of users, a part of ``FinetuningStore``."""

    def __init__(self, leased: LeasedFinetunings) -> None:
        self._leased = leased

    async def insert(self, finetuning: Finetuning) -> Finetuning | None:
        """Store a new finetuning, due at once; ``None`` if its idempotency key was used before."""
        now = self._leased.now()
        given = literal(finetuning.model_dump(by_alias=True, exclude={"revision_id"}))
        created = event(now, FinetuningEventKind.CREATED, status=finetuning.status)
        at_once = {"created_at": now, "updated_at": now, "due_at": now, "timeline": [created]}
        try:
            return await self._leased.update(
                {"_id": finetuning.id}, {"$replaceWith": {"$mergeObjects": [given, at_once]}}, upsert=True
            )
        except DuplicateKeyError:
            return None

    async def created_with(self, key: str, *, scope: TenantScope) -> Finetuning | None:
        """Return the tenant's finetuning with this idempotency key."""
        return await self._leased.find({**scope.where, "idempotency.key": one_of([key])})

    async def find(self, finetuning_id: ObjectId, *, scope: TenantScope) -> Finetuning | None:
        """Return the tenant's finetuning; a deleted one counts as missing."""
        return await self._leased.find({"_id": finetuning_id, **scope.where, **NOT_DELETED})

    async def request_cancel(
        self, finetuning_id: ObjectId, *, scope: TenantScope, request: CancelRequest, token: str
    ) -> Finetuning | None:
        """Record a cancel: close the finetuning if the provider has nothing, else take the lease if free."""
        stage = cancel_stage(request, now=self._leased.now(), offer=self._leased.offer(token))
        where = {"_id": finetuning_id, **scope.where, **NOT_DELETED}
        return await self._leased.update(where, {"$set": stage})

    async def request_delete(
        self, finetuning_id: ObjectId, *, scope: TenantScope, requested_by: str | None, token: str
    ) -> Finetuning | None:
        """Record a deletion and, in the same write, everything a cancel records."""
        now, offer = self._leased.now(), self._leased.offer(token)
        request = CancelRequest(metadata=None, requested_by=requested_by)
        return await self._leased.update(
            {"_id": finetuning_id, **scope.where},
            {"$set": cancel_stage(request, now=now, offer=offer)},
            {"$set": delete_stage(requested_by, now=now, offer=offer)},
        )

    async def give_up(
        self, finetuning_id: ObjectId, *, scope: TenantScope, giving_up: GivingUp
    ) -> Finetuning | None:
        """Close a stuck finetuning as its cancel would, and take its lease away."""
        now = self._leased.now()
        request = CancelRequest(metadata=None, requested_by=giving_up.given_up_by)
        return await self._leased.update(
            {"_id": finetuning_id, **scope.where, **NOT_DELETED, **STUCK},
            {"$set": told_stage(giving_up, now=now)},
            {"$set": cancel_stage(request, now=now)},
            {"$set": closing_stage(now=now)},
        )

    async def update(
        self,
        finetuning_id: ObjectId,
        *,
        scope: TenantScope,
        fields: Mapping[str, object],
        updated_by: str | None,
    ) -> Finetuning | None:
        """Set fields open to its user, in any state of the finetuning."""
        now = self._leased.now()
        told = ", ".join(fields)
        updated = event(now, FinetuningEventKind.UPDATED, actor=updated_by, message=told)
        return await self._leased.update(
            {"_id": finetuning_id, **scope.where, **NOT_DELETED},
            {
                "$set": {
                    **{name: literal(value) for name, value in fields.items()},
                    **touched(now),
                    **appended((True, updated)),
                }
            },
        )
