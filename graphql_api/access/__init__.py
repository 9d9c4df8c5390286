"""Who is calling: a request's credential becomes a ``Caller`` here, for every transport.

What a caller may do is declared in ``schema`` beside each field; the stored keys are in ``store/api_keys``.
Start reading in ``gate``.
"""
