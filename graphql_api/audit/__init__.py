"""The audit log: who did what to which document, when, from where, and what became of it.

Every change and every refusal passes ``AuditLog`` in ``log``; start reading there. The stored entries are in
``store/audit_entries``.
"""
