import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.common.record.internal.FileLogInputStream.FileChannelRecordBatch;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.CloseableIterator;

/**
 * The least that a Java program does to read segments whole: FileRecords gives the batches, ensureValid computes the CRC,
 * and every record's key and value is looked at. Arguments: how many threads, for how many seconds to warm up (0: not at
 * all), how many passes to time then, and the files. The answer is a line of JSON.
 */
public final class ReadSegments {
    private record Seen(long records, long batches, long bytes) {
        private Seen plus(Seen other) {
            return new Seen(records + other.records, batches + other.batches, bytes + other.bytes);
        }
    }

    private static final int LEAST_WARM_UP = 3;

    private ReadSegments() { }

    public static void main(String[] arguments) throws Exception {
        int threads = Integer.parseInt(arguments[0]);
        double warmUp = Double.parseDouble(arguments[1]);
        int passes = Integer.parseInt(arguments[2]);
        List<FileRecords> parts = new ArrayList<>();
        for (int i = 3; i < arguments.length; i++) {
            parts.addAll(split(FileRecords.open(new File(arguments[i]), false), threads));
        }
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        long end = System.nanoTime() + (long) (warmUp * 1e9);
        for (int pass = 0; warmUp > 0 && (pass < LEAST_WARM_UP || System.nanoTime() < end); pass++) {
            readAll(parts, workers);
        }
        report(parts, workers, passes);
        workers.shutdown();
    }

    private static void report(List<FileRecords> parts, ExecutorService workers, int passes) throws Exception {
        Seen seen = null;
        double[] seconds = new double[passes];
        for (int pass = 0; pass < passes; pass++) {
            long start = System.nanoTime();
            seen = readAll(parts, workers);
            seconds[pass] = (System.nanoTime() - start) / 1e9;
        }
        System.out.println(new ObjectMapper().createObjectNode().put("records", seen.records).put("batches", seen.batches)
            .put("bytes", seen.bytes).putPOJO("seconds", seconds));
    }

    private static Seen readAll(List<FileRecords> parts, ExecutorService workers) throws Exception {
        List<Future<Seen>> answers = new ArrayList<>();
        for (FileRecords part : parts) {
            answers.add(workers.submit(() -> read(part)));
        }
        Seen sum = new Seen(0, 0, 0);
        for (Future<Seen> answer : answers) {
            sum = sum.plus(answer.get());
        }
        return sum;
    }

    private static Seen read(FileRecords part) {
        long records = 0;
        long batches = 0;
        long bytes = 0;
        try (BufferSupplier buffers = BufferSupplier.create()) {
            for (FileChannelRecordBatch batch : part.batches()) {
                batch.ensureValid();
                batches++;
                // What the broker itself uses: it keeps its buffers, where iterator() would make new ones for each batch.
                try (CloseableIterator<Record> each = batch.streamingIterator(buffers)) {
                    while (each.hasNext()) {
                        Record record = each.next();
                        records++;
                        bytes += Math.max(record.keySize(), 0) + Math.max(record.valueSize(), 0);
                    }
                }
            }
        }
        return new Seen(records, batches, bytes);
    }

    /** About as many equal parts as there are threads, each of whole batches. */
    private static List<FileRecords> split(FileRecords file, int parts) throws IOException {
        List<FileRecords> slices = new ArrayList<>();
        int start = 0;
        int size = file.sizeInBytes();
        for (FileChannelRecordBatch batch : parts == 1 ? List.<FileChannelRecordBatch>of() : file.batches()) {
            long wanted = (long) size * (slices.size() + 1) / parts;
            if (batch.position() >= wanted) {
                slices.add(file.slice(start, batch.position() - start));
                start = batch.position();
            }
        }
        slices.add(file.slice(start, size - start));
        return slices;
    }
}
