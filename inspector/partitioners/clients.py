"""The partitioners of Kafka's clients, by the names that their users know.

Where several clients follow one rule, null and empty keys included, it stands here once. Sources: `BuiltInPartitioner`
and `DefaultPartitioner` (KIP-480, KIP-794), librdkafka's `rdkafka_msg.c`, Sarama's `partitioner.go`, kafka-go's
`balancer.go`, franz-go's `partitioner.go`, KafkaJS's `src/producer/partitioners`, Flink's `FlinkFixedPartitioner`.
"""

from __future__ import annotations

from .rules import HashPartitioner, KeylessPartitioner

HASHING = (
    HashPartitioner(
        "java", "Java's default: murmur2 of the key", "murmur2",
        also=(
            "librdkafka-murmur2-random", "kafka-python", "aiokafka", "franz-go", "kafkajs", "sarama-murmur2",
            "kafka-go-murmur2", "kafka-streams", "kafka-connect", "spark", "flink",
        ),
    ),
    HashPartitioner(
        "librdkafka", "librdkafka's default, consistent_random: crc32 of the key", "crc32", spreads_empty=True,
        also=(
            "librdkafka-consistent-random", "confluent-kafka", "kcat", "node-rdkafka", "rust-rdkafka", "php-rdkafka",
            "kafka-go-crc32",
        ),
    ),
    HashPartitioner(
        "librdkafka-consistent", "librdkafka's consistent: crc32, records without a key to partition 0", "crc32",
        hashes_null=True, also=("kafka-go-crc32-consistent",),
    ),
    HashPartitioner(
        "librdkafka-murmur2", "librdkafka's murmur2: no key is an empty one", "murmur2",
        hashes_null=True, also=("kafka-go-murmur2-consistent",),
    ),
    HashPartitioner(
        "librdkafka-fnv1a", "librdkafka's fnv1a: no key is an empty one", "fnv1a", hashes_null=True,
    ),
    HashPartitioner(
        "sarama-hash", "Sarama's default: the absolute value of fnv1a", "fnv1a",
        also=("sarama", "librdkafka-fnv1a-random", "kafka-go-hash", "franz-go-sarama-compat"),
    ),
    HashPartitioner(
        "sarama-reference", "Sarama's reference hash: fnv1a without its sign bit", "fnv1a-positive",
        also=("kafka-go-reference-hash",),
    ),
    HashPartitioner("sarama-crc32", "Sarama's consistent CRC: an empty key is hashed", "crc32"),
    HashPartitioner(
        "franz-go-sarama-hasher", "franz-go's SaramaHasher: fnv1a without a sign, which Sarama has", "fnv1a-unsigned",
    ),
    HashPartitioner(
        "kafkajs-legacy", "KafkaJS before 2.0: murmur2 in JavaScript's numbers", "murmur2-floats",
        also=("kafkajs-1",),
    ),
)  # fmt: skip
"""Those that look at the key. Which of two fits better is decided in this order, where both fit alike."""

KEYLESS = (
    KeylessPartitioner(
        "round-robin", "by turns", also=("java-round-robin", "kafka-go-round-robin", "kafka-go", "sarama-round-robin"),
    ),
    KeylessPartitioner("uniform-sticky", "one partition for a batch", also=("java-uniform-sticky", "java-ignore-keys")),
    KeylessPartitioner("random", "at random", also=("librdkafka-random", "sarama-random")),
    KeylessPartitioner("flink-fixed", "the task's number modulo the number of partitions"),
)  # fmt: skip
"""Those that do not: of no record can be said where it should lie."""
