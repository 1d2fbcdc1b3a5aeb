"""The truth about bytes: Kafka's on-disk formats as construct definitions. Nothing here decides or prints."""
