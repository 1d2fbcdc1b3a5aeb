"""Kafka's versioned message schemas as data, and one interpreter that decodes them with spans."""
