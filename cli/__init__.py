"""The command line `kinspect`, installed as `inspector.cli`: words in, one library call, words out.

What may be typed and what comes back (names, exit codes, JSON fields) is a contract, written in docs/commands.md and
docs/json.md. Nothing about Kafka is decided here, and nothing heavy is imported before a command needs it.
"""
