"""kinspect's library: what a Kafka broker really wrote to its log directories, without a broker."""
