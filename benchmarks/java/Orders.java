import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Records that look like a shop's orders: JSON with ids, names, floats and a nested object, keyed by the customer. About
 * 180 bytes of key and value, of which zstd leaves a quarter. The same seed gives the same orders.
 */
final class Orders {
    private static final Header[] NO_HEADERS = {};
    private static final int TRACED_ONE_IN = 8;
    private static final String[] NAMES = {
        "Ada", "Boris", "Chen", "Dilnoza", "Emeka", "Fatima", "Georg", "Hanako", "Ines", "João", "Kofi", "Lena", "Mohammed",
        "Nadia", "Oluwaseun", "Priya", "Quentin", "Rosa", "Søren", "Tomoko", "Uma", "Valentina", "Wei", "Ximena", "Yusuf", "Zoë",
    };
    private static final String[] FAMILIES = {
        "Abe", "Bauer", "Costa", "Diallo", "Eriksson", "Fernández", "García", "Haddad", "Ivanova", "Jensen", "Kumar", "Li",
        "Müller", "Nakamura", "Okafor", "Petrov", "Quispe", "Rossi", "Silva", "Tanaka", "Usman", "Vogel", "Wang", "Yılmaz",
    };
    private static final String[] ITEMS = {
        "kettle", "desk lamp", "notebook A5", "bicycle bell", "tea 250 g", "wool socks", "umbrella", "chess set", "headphones",
        "water bottle", "garden hose", "paint brush", "alarm clock", "frying pan", "USB cable", "rain jacket",
    };
    private static final String[] CURRENCIES = {"EUR", "EUR", "EUR", "USD", "USD", "GBP", "JPY", "BRL"};
    private static final String[] STATES = {"paid", "paid", "paid", "new", "new", "shipped", "cancelled", "returned"};
    private static final int CUSTOMERS = 1_000_000;

    private final SplittableRandom random;
    private final StringBuilder text = new StringBuilder(256);
    private long timestamp = 1_767_607_200_000L;

    byte[] key;
    byte[] value;
    Header[] headers;

    Orders(long seed) {
        random = new SplittableRandom(seed);
    }

    long timestamp() {
        return timestamp;
    }

    /** Makes the next order: its timestamp, key, value and headers stand in the fields until the one after it. */
    void next() {
        timestamp += random.nextInt(4);
        int customer = random.nextInt(CUSTOMERS);
        key = bytes("customer-" + customer);
        value = json(customer);
        headers = random.nextInt(TRACED_ONE_IN) == 0 ? traced() : NO_HEADERS;
    }

    private byte[] json(int customer) {
        // A customer has one name, whatever it orders.
        String name = NAMES[customer % NAMES.length] + ' ' + FAMILIES[customer / NAMES.length % FAMILIES.length];
        text.setLength(0);
        text.append("{\"order\":\"").append(hex(64)).append("\",\"at\":").append(timestamp)
            .append(",\"customer\":{\"id\":").append(customer).append(",\"name\":\"").append(name)
            .append("\"},\"item\":\"").append(any(ITEMS)).append("\",\"quantity\":").append(1 + random.nextInt(4))
            .append(",\"price\":").append(price()).append(",\"currency\":\"").append(any(CURRENCIES))
            .append("\",\"status\":\"").append(any(STATES)).append("\"}");
        return bytes(text.toString());
    }

    private double price() {
        return (100 + random.nextInt(29900)) / 100.0;
    }

    private Header[] traced() {
        return new Header[] {new RecordHeader("trace-id", bytes(hex(64)))};
    }

    private String any(String[] words) {
        return words[random.nextInt(words.length)];
    }

    private String hex(int bits) {
        String digits = Long.toHexString(random.nextLong() >>> 64 - bits);
        return "0".repeat(bits / 4 - digits.length()) + digits;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
