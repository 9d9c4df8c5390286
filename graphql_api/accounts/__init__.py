"""Provider accounts: whose key a job runs under, and where.

What an account's provider says on the wire is in ``providers``, what the schema shows of an account in
``schema``. Start reading in ``opening``.
"""
