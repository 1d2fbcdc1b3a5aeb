"""Which rules placed the keys of a topic: inferred from keys and partitions alone, or not, with the evidence for it."""
