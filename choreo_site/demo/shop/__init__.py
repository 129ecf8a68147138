"""A small shop: stock, prices, payments, courier, billing and mail in one process with a database of its own.

It is the outside world of the demo. It keeps a ledger of every effect, honours idempotency keys and can be
told, per order, to misbehave. It knows nothing of Choreo and needs only Python.
"""
