import com.azure.data.cosmos.CosmosClient;
import com.azure.data.cosmos.CosmosContainer;
import com.azure.data.cosmos.CosmosItemProperties;
import com.azure.data.cosmos.FeedOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;

/** The change feed processor of the replaced service's SDK, each check with lease documents of its own. */
final class ProcessorSuite3 {
    private static final CosmosClient CLIENT = Host3.client();
    private static final CosmosContainer FEED = Host3.container(CLIENT, "feed");
    private static final CosmosContainer LEASES = Host3.container(CLIENT, "leases");
    private static final AtomicInteger WRITTEN = new AtomicInteger();

    private final String prefix;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    private ProcessorSuite3(String name) {
        this.prefix = name + "-";
    }

    public static void main(String[] arguments) {
        Checks checks = new Checks();
        write(100);
        checks.check("every document from the beginning, a lease for every range",
            new ProcessorSuite3("beginning")::everythingFromTheBeginning);
        checks.check("goes on where it stopped", new ProcessorSuite3("resume")::goesOn);
        checks.check("two hosts share the ranges; one takes over", new ProcessorSuite3("two")::twoHosts);
        checks.end("azure-cosmos (Java) " + System.getenv("FEEDCAST_TEST_SDK"));
    }

    private void everythingFromTheBeginning() throws Exception {
        try (Host3 host = new Host3("a", prefix, this::remember)) {
            host.start();
            awaitSeen(1, WRITTEN.get());
            Checks.eventually("every range has a lease with a position", () -> leases().size() > 0
                && leases().stream().allMatch(lease -> lease.get("ContinuationToken") != null));
            Checks.eventually("all are owned", () -> owners().equals(Map.of("a", (long) leases().size())));
        }
    }

    private void goesOn() throws Exception {
        try (Host3 host = new Host3("a", prefix, this::remember)) {
            host.start();
            awaitSeen(1, WRITTEN.get());
        }
        int before = WRITTEN.get();
        write(20);
        try (Host3 host = new Host3("b", prefix, this::remember)) {
            host.start();
            awaitSeen(before + 1, WRITTEN.get());
        }
    }

    private void twoHosts() throws Exception {
        try (Host3 first = new Host3("a", prefix, this::remember)) {
            first.start();
            awaitSeen(1, WRITTEN.get());
            long ranges = leases().size();
            Checks.eventually("one has all", () -> owners().equals(Map.of("a", ranges)));
            try (Host3 second = new Host3("b", prefix, this::remember)) {
                second.start();
                if (ranges > 1) {
                    Checks.eventually("each has half of " + ranges, () -> owners().size() == 2
                        && Math.abs(owners().get("a") - owners().getOrDefault("b", 0L)) <= ranges % 2);
                }
                int before = WRITTEN.get();
                write(40);
                awaitSeen(before + 1, WRITTEN.get());
            }
            Checks.eventually("the other has all again", () -> owners().equals(Map.of("a", ranges)));
            int before = WRITTEN.get();
            write(10);
            awaitSeen(before + 1, WRITTEN.get());
        }
    }

    private void remember(List<CosmosItemProperties> items) {
        items.forEach(item -> seen.add(item.id()));
    }

    private void awaitSeen(int first, int last) throws Exception {
        Checks.eventually("items " + first + " to " + last + " are seen", () -> {
            for (int n = first; n <= last; n++) {
                if (!seen.contains("item-" + n)) {
                    return false;
                }
            }
            return true;
        });
    }

    private static void write(int count) {
        Flux.range(0, count).flatMap(n -> {
            CosmosItemProperties document = new CosmosItemProperties();
            document.id("item-" + WRITTEN.incrementAndGet());
            return FEED.createItem(document);
        }, 8).blockLast(Duration.ofSeconds(60));
    }

    private List<CosmosItemProperties> leases() {
        String text = "SELECT * FROM c WHERE STARTSWITH(c.id, '" + prefix + "')";
        FeedOptions options = new FeedOptions().enableCrossPartitionQuery(true);
        return LEASES.queryItems(text, options).flatMapIterable(page -> page.results()).collectList()
            .block(Duration.ofSeconds(30)).stream().filter(d -> d.get("LeaseToken") != null).collect(Collectors.toList());
    }

    private Map<String, Long> owners() {
        return leases().stream().collect(
            Collectors.groupingBy(l -> l.get("Owner") == null ? "nobody" : l.getString("Owner"), Collectors.counting()));
    }
}
