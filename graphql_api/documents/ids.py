"""The ids of documents: 24 hexadecimal digits for clients, 12 bytes for MongoDB."""

from beanie import PydanticObjectId

ObjectId = PydanticObjectId
