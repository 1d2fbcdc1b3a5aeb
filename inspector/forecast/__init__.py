"""What a broker will do with a log directory at its next start, from the files alone, and nothing of it done.

A start is played through on paper, in Kafka's own order and by its own rules (`LogManager.loadLogs`, `LogLoader`,
`LogSegment.recover`, `ProducerStateManager`, `LeaderEpochFileCache`), against a picture of the directory that renames,
cuts and deletes where the broker would. So what it would leave behind can be held against what it does leave behind.
"""
