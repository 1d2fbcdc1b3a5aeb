"""How a broker finds an offset, a time or a key in a partition, step by step, as Kafka does it and not as we would.

Kafka believes its indexes. So do these lookups, and what comes of it is held against the log afterwards.
"""
