"""Every read and every write of MongoDB, each with its tenant.

A guarantee lives in the filter of one atomic write. The shapes of the documents are in ``documents``.
Start reading in ``finetunings``, ``intent`` and ``leases``.
"""
