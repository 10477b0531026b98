import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.ChangeFeedProcessorOptions;
import com.azure.cosmos.models.ChangeFeedProcessorState;
import com.azure.cosmos.models.CosmosQueryRequestOptions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;

/** The change feed processor on leases of both kinds, each check with lease documents of its own. */
final class ProcessorSuite {
    private static final Account ACCOUNT = new Account();
    private static final CosmosAsyncContainer FEED = ACCOUNT.container("feed");
    private static final CosmosAsyncContainer LEASES = ACCOUNT.container("leases");
    private static final AtomicInteger WRITTEN = new AtomicInteger();

    private final Host.Leases kind;
    private final String prefix;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    private ProcessorSuite(Host.Leases kind, String name) {
        this.kind = kind;
        this.prefix = name + "-" + kind + "-";
    }

    public static void main(String[] arguments) {
        Checks checks = new Checks();
        PullChecks.run(checks, ACCOUNT.container("pull"));
        write(100);
        for (Host.Leases kind : Host.Leases.values()) {
            checks.check(kind + ": every document from the beginning, a lease for every range",
                new ProcessorSuite(kind, "beginning")::everythingFromTheBeginning);
            checks.check(kind + ": from now on, nothing that was before", new ProcessorSuite(kind, "now")::fromNow);
            checks.check(kind + ": from a point in time", new ProcessorSuite(kind, "time")::fromPointInTime);
            checks.check(kind + ": goes on where it stopped", new ProcessorSuite(kind, "resume")::goesOn);
            checks.check(kind + ": a page that its handler refused comes again", new ProcessorSuite(kind, "again")::comesAgain);
            checks.check(kind + ": two hosts share the ranges; one takes over", new ProcessorSuite(kind, "two")::twoHosts);
            checks.check(kind + ": the estimator counts what is left", new ProcessorSuite(kind, "lag")::estimator);
            checks.checkEmulated(kind + ": throttled, refused and cut off, it sees all",
                new ProcessorSuite(kind, "faults")::faults);
        }
        for (Host.Leases kind : Host.Leases.values()) {
            checks.checkEmulated(kind + ": across a split", new ProcessorSuite(kind, "split")::acrossSplit);
        }
        checks.end("azure-cosmos (Java) " + Account.variable("FEEDCAST_TEST_SDK"));
    }

    private void everythingFromTheBeginning() throws Exception {
        try (Host host = host("a", options(), this::remember).start()) {
            awaitSeen(1, WRITTEN.get());
            Set<String> ranges = ranges();
            Checks.equal(ranges.size(), leases().size(), "leases");
            Checks.eventually("all are owned", () -> owners().equals(Map.of("a", (long) ranges.size())));
            host.stop();
            Checks.eventually("all are given back", () -> owners().equals(Map.of("nobody", (long) ranges.size())));
        }
        for (JsonNode lease : leases()) {
            Checks.equal(kind == Host.Leases.EPK, lease.get("LeaseToken").asText().contains("-"), "token of " + lease);
            Checks.equal(kind == Host.Leases.EPK, lease.has("feedRange"), "feed range of " + lease);
        }
    }

    private void fromNow() throws Exception {
        int before = WRITTEN.get();
        try (Host host = host("a", options().setStartFromBeginning(false), this::remember).start()) {
            // From which moment a range is read is known once its lease has a position.
            Checks.eventually("all have a position", () -> leases().stream().allMatch(l -> l.hasNonNull("ContinuationToken")));
            write(20);
            awaitSeen(before + 1, WRITTEN.get());
        }
        Checks.equal(false, seen.contains("item-1"), "older ones are seen");
    }

    private void fromPointInTime() throws Exception {
        Thread.sleep(2100); // times of changes are whole seconds
        Instant start = Instant.now();
        Thread.sleep(2100);
        int before = WRITTEN.get();
        write(20);
        ChangeFeedProcessorOptions options = options().setStartFromBeginning(false).setStartTime(start);
        try (Host host = host("a", options, this::remember).start()) {
            awaitSeen(before + 1, WRITTEN.get());
        }
        if (Checks.EMULATED) {
            Checks.equal(false, seen.contains("item-1"), "older ones are seen");
        }
    }

    private void goesOn() throws Exception {
        try (Host host = host("a", options(), this::remember).start()) {
            awaitSeen(1, WRITTEN.get());
            Checks.eventually("its position is kept", () -> lag(host) == 0);
        }
        seen.clear();
        int before = WRITTEN.get();
        write(20);
        try (Host host = host("b", options(), this::remember).start()) {
            awaitSeen(before + 1, WRITTEN.get());
        }
        Checks.equal(20, seen.size(), "documents seen after the pause");
    }

    private void comesAgain() throws Exception {
        AtomicBoolean refused = new AtomicBoolean();
        Set<String> lost = ConcurrentHashMap.newKeySet();
        Consumer<List<JsonNode>> handler = items -> {
            if (refused.compareAndSet(false, true)) {
                items.forEach(item -> lost.add(item.get("id").asText()));
                throw new IllegalStateException("not now");
            }
            remember(items);
        };
        try (Host host = host("a", options(), handler).start()) {
            awaitSeen(1, WRITTEN.get());
        }
        Checks.equal(true, !lost.isEmpty() && seen.containsAll(lost), "the refused page came again");
    }

    private void twoHosts() throws Exception {
        long ranges = ranges().size();
        try (Host first = host("a", options(), this::remember).start()) {
            Checks.eventually("one has all", () -> owners().equals(Map.of("a", ranges)));
            try (Host second = host("b", options(), this::remember).start()) {
                if (ranges > 1) {
                    Checks.eventually("each has half of " + ranges, () -> balanced(ranges));
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

    private boolean balanced(long ranges) {
        Map<String, Long> owners = owners();
        long difference = owners.getOrDefault("a", 0L) - owners.getOrDefault("b", 0L);
        return owners.size() == 2 && !owners.containsKey("nobody") && Math.abs(difference) <= ranges % 2;
    }

    private void estimator() throws Exception {
        try (Host host = host("a", options(), this::remember).start()) {
            awaitSeen(1, WRITTEN.get());
            Checks.eventually("nothing is left", () -> lag(host) == 0);
        }
        write(30);
        try (Host host = host("a", options(), this::remember)) {
            List<ChangeFeedProcessorState> state = host.processor.getCurrentState().block(Duration.ofSeconds(30));
            Checks.equal(leases().size(), state.size(), "states");
            // One counter of the emulator serves all ranges, so that a range counts the changes of others, too.
            int left = lag(host);
            Checks.equal(true, left >= 30, "30 are left, it says " + left);
            host.start();
            awaitSeen(1, WRITTEN.get());
            Checks.eventually("nothing is left", () -> lag(host) == 0);
        }
    }

    /** Every rule is felt: it has no hits left to give when all is seen. */
    private void faults() throws Exception {
        List<String> rules = List.of(
            "\"kind\":\"status\",\"status\":429,\"retry_after_ms\":10,\"times\":10",
            "\"kind\":\"status\",\"status\":503,\"times\":2",
            "\"kind\":\"reset\",\"apply\":false,\"times\":2");
        try (Host host = host("a", options(), this::remember)) {
            for (String rule : rules) {
                JsonNode made = new ObjectMapper().readTree(Account.control("POST", "faults",
                    "{\"operation\":\"feed\",\"container\":\"feed\"," + rule + "}"));
                if (!host.processor.isStarted()) {
                    host.start();
                }
                write(10);
                Checks.eventually("the fault is over: " + rule,
                    () -> hits(made.get("id").asInt()) == made.get("times").asInt());
                Account.control("DELETE", "faults/" + made.get("id").asInt(), "");
            }
            awaitSeen(1, WRITTEN.get());
        }
    }

    private static int hits(int id) throws Exception {
        for (JsonNode rule : new ObjectMapper().readTree(Account.control("GET", "faults", "")).get("faults")) {
            if (rule.get("id").asInt() == id) {
                return rule.get("hits").asInt();
            }
        }
        return 0;
    }

    private int lag(Host host) {
        if (kind == Host.Leases.PK) { // the older of the two ways, which EPK leases don't have
            return host.processor.getEstimatedLag().block(Duration.ofSeconds(30)).values().stream().mapToInt(n -> n).sum();
        }
        return host.processor.getCurrentState().block(Duration.ofSeconds(30)).stream()
            .mapToInt(ChangeFeedProcessorState::getEstimatedLag).sum();
    }

    private void acrossSplit() throws Exception {
        try (Host host = host("a", options(), this::remember).start()) {
            awaitSeen(1, WRITTEN.get());
            int before = WRITTEN.get();
            int ranges = ranges().size();
            Account.split("feed", String.valueOf(kind == Host.Leases.PK ? 0 : 1));
            write(100);
            awaitSeen(before + 1, WRITTEN.get());
            Checks.equal(ranges + 1, ranges().size(), "ranges");
            Checks.eventually("a lease for each", () -> leases().size() == ranges + 1);
            Checks.eventually("all are owned", () -> owners().equals(Map.of("a", ranges + 1L)));
        }
    }

    private Host host(String name, ChangeFeedProcessorOptions options, Consumer<List<JsonNode>> handler) {
        return new Host(name, kind, options, handler);
    }

    private ChangeFeedProcessorOptions options() {
        return Host.options(prefix);
    }

    private void remember(List<JsonNode> items) {
        items.forEach(item -> seen.add(item.get("id").asText()));
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
            ObjectNode document = JsonNodeFactory.instance.objectNode();
            document.put("id", "item-" + WRITTEN.incrementAndGet());
            return FEED.createItem(document);
        }, 8).blockLast(Duration.ofSeconds(60));
    }

    private static Set<String> ranges() {
        return FEED.getFeedRanges().block(Duration.ofSeconds(30)).stream().map(Object::toString).collect(Collectors.toSet());
    }

    private List<JsonNode> leases() {
        String text = "SELECT * FROM c WHERE STARTSWITH(c.id, '" + prefix + "')";
        return LEASES.queryItems(text, new CosmosQueryRequestOptions(), JsonNode.class).collectList()
            .block(Duration.ofSeconds(30)).stream().filter(d -> d.has("LeaseToken")).collect(Collectors.toList());
    }

    private Map<String, Long> owners() {
        return leases().stream().collect(
            Collectors.groupingBy(l -> l.hasNonNull("Owner") ? l.get("Owner").asText() : "nobody", Collectors.counting()));
    }
}
