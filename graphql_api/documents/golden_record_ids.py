"""Many golden records' ids as one cheap value."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from beanie import PydanticObjectId
from bson import ObjectId
from pydantic import GetCoreSchemaHandler, SerializationInfo
from pydantic_core import CoreSchema, core_schema

ID_BYTES = 12
"""The length of an ObjectId: https://www.mongodb.com/docs/manual/reference/bson-types/#objectid."""


class GoldenRecordIds(Collection[PydanticObjectId]):
    """Ids in their order, stored as one binary and unpacked only on use.

    They come along with every read of their finetuning. A list would be parsed, and each id checked, at every
    read and write: with 30,000 ids that takes some hundredths of a second, and half a second or more for a
    page of twenty finetunings.
    """

    __slots__ = ("_packed",)

    def __init__(self, packed: bytes = b"") -> None:
        if len(packed) % ID_BYTES:
            raise ValueError(f"packed ids have {ID_BYTES} bytes each, and these are {len(packed)} bytes")
        self._packed = packed

    @classmethod
    def of(cls, ids: Iterable[ObjectId]) -> "GoldenRecordIds":
        """Return these ids, packed."""
        return cls(b"".join(one.binary for one in ids))

    def __bytes__(self) -> bytes:
        return self._packed

    def __len__(self) -> int:
        return len(self._packed) // ID_BYTES

    def __iter__(self) -> Iterator[PydanticObjectId]:
        packed = self._packed
        return (PydanticObjectId(packed[at : at + ID_BYTES]) for at in range(0, len(packed), ID_BYTES))

    def __contains__(self, one: object) -> bool:
        if not isinstance(one, ObjectId):
            return False
        at = self._packed.find(one.binary)
        while at >= 0 and at % ID_BYTES:  # the end of an id and the beginning of the next one
            at = self._packed.find(one.binary, at + 1)
        return at >= 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GoldenRecordIds) and self._packed == other._packed

    def __hash__(self) -> int:
        return hash(self._packed)

    def __repr__(self) -> str:
        return f"GoldenRecordIds.of({list(map(str, self))})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        dumped = core_schema.plain_serializer_function_ser_schema(_dumped, info_arg=True)
        return core_schema.no_info_plain_validator_function(_read, serialization=dumped)


def _read(given: Any) -> GoldenRecordIds:
    return given if isinstance(given, GoldenRecordIds) else GoldenRecordIds(given)


def _dumped(ids: GoldenRecordIds, info: SerializationInfo) -> bytes | list[str]:
    return list(map(str, ids)) if info.mode == "json" else bytes(ids)
