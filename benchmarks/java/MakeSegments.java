import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogSegment;

/**
 * A topic-partition directory by Kafka's own MemoryRecordsBuilder and LogSegment, so with the indexes that a broker keeps.
 * Each argument is a JSON object that says what to make (`DataSet.told` in `benchmarks/data.py` lists its fields); the
 * answer is a line of JSON for each, with what was put into it.
 */
public final class MakeSegments {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LEADER_EPOCH = 4;
    private static final int PRODUCERS = 3;
    private static final long FIRST_PRODUCER = 2000;
    private static final LogConfig CONFIG = new LogConfig(Map.of());

    /** What batches hold, counted where they are made. */
    private static final class Tally {
        private long batches;
        private long records;
        private long keyBytes;
        private long valueBytes;
        private long headers;

        private void add(Tally other) {
            batches += other.batches;
            records += other.records;
            keyBytes += other.keyBytes;
            valueBytes += other.valueBytes;
            headers += other.headers;
        }

        private void count(Orders order) {
            records++;
            keyBytes += order.key.length;
            valueBytes += order.value.length;
            headers += order.headers.length;
        }
    }

    private final File folder;
    private final Compression compression;
    private final int batchRecords;
    private final int segmentBytes;
    private final Orders orders;
    private final ByteBuffer buffer;
    private final int[] sequences = new int[PRODUCERS];
    private final Tally all = new Tally();

    private LogSegment segment;
    private int segments;
    private long logBytes;
    private int largestBatch;

    private MakeSegments(JsonNode told) {
        folder = new File(told.get("folder").asText());
        compression = Compression.of(told.get("codec").asText()).build();
        batchRecords = told.get("batch_records").asInt();
        segmentBytes = told.get("segment_bytes").asInt();
        orders = new Orders(told.get("seed").asLong());
        buffer = ByteBuffer.allocate(told.get("batch_bytes").asInt());
    }

    public static void main(String[] arguments) throws Exception {
        for (String argument : arguments) {
            JsonNode told = JSON.readTree(argument);
            System.out.println(new MakeSegments(told).make(told.get("bytes").asLong()));
        }
    }

    /** Appends batches until the next one would make the log larger than it may be. */
    private ObjectNode make(long bytes) throws IOException {
        Files.createDirectories(folder.toPath());
        Tally held = new Tally();
        MemoryRecords batch = nextBatch(held);
        while (logBytes + batch.sizeInBytes() <= bytes) {
            append(batch, held);
            held = new Tally();
            batch = nextBatch(held);
        }
        endSegment();
        return answer();
    }

    /** As an idempotent producer makes it: the next of a few, in turn. */
    private MemoryRecords nextBatch(Tally held) {
        int producer = (int) (all.batches % PRODUCERS);
        MemoryRecordsBuilder builder = MemoryRecords.builder(buffer.clear(), RecordBatch.MAGIC_VALUE_V2, compression,
            TimestampType.CREATE_TIME, all.records, RecordBatch.NO_TIMESTAMP, FIRST_PRODUCER + producer, (short) 0,
            sequences[producer], false, LEADER_EPOCH);
        do {
            orders.next();
            builder.append(orders.timestamp(), orders.key, orders.value, orders.headers);
            held.count(orders);
        } while (held.records < batchRecords && hasRoom(builder));
        held.batches = 1;
        return builder.build();
    }

    /** Whether an order like the last one still fits, which a producer asks before it adds another. */
    private boolean hasRoom(MemoryRecordsBuilder builder) {
        return builder.hasRoomFor(orders.timestamp(), orders.key, orders.value, orders.headers);
    }

    private void append(MemoryRecords batch, Tally held) throws IOException {
        if (segment == null || segment.size() + (long) batch.sizeInBytes() > segmentBytes) {
            roll();
        }
        int producer = (int) (all.batches % PRODUCERS);
        sequences[producer] = DefaultRecordBatch.incrementSequence(sequences[producer], (int) held.records);
        all.add(held);
        segment.append(all.records - 1, batch);
        logBytes += batch.sizeInBytes();
        largestBatch = Math.max(largestBatch, batch.sizeInBytes());
    }

    private void roll() throws IOException {
        endSegment();
        segment = LogSegment.open(folder, all.records, CONFIG, Time.SYSTEM, 0, false);
        segments++;
    }

    /** Shortens the indexes to what they hold, as a broker does when it rolls or stops. */
    private void endSegment() throws IOException {
        if (segment != null) {
            segment.onBecomeInactiveSegment();
            segment.close();
        }
    }

    private ObjectNode answer() {
        return JSON.createObjectNode().put("segments", segments).put("batches", all.batches).put("records", all.records)
            .put("key_bytes", all.keyBytes).put("value_bytes", all.valueBytes).put("headers", all.headers)
            .put("log_bytes", logBytes).put("largest_batch", largestBatch);
    }
}
