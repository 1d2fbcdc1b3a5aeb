"""From damaged bytes to a log directory that a broker loads: everything that its CRC proves, and nothing else.

`proving` says which ranges of a segment belong into the log, `carving` finds batches in any bytes, `writing` alone
writes. What a batch's CRC does not cover (its offset, its leader epoch) is judged by its neighbours (`chain`).
"""
