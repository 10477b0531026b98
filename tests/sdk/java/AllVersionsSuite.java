import com.azure.cosmos.ChangeFeedProcessor;
import com.azure.cosmos.ChangeFeedProcessorBuilder;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.ChangeFeedOperationType;
import com.azure.cosmos.models.ChangeFeedProcessorItem;
import com.azure.cosmos.models.CosmosChangeFeedRequestOptions;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosQueryRequestOptions;
import com.azure.cosmos.models.FeedRange;
import com.azure.cosmos.models.FeedResponse;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/** The change feed of all versions and deletes: the processor, and the reader without one. */
final class AllVersionsSuite {
    private static final Account ACCOUNT = new Account();
    private static final CosmosAsyncContainer FEED = ACCOUNT.container("feed");
    private static final CosmosAsyncContainer LEASES = ACCOUNT.container("leases");
    private static final List<ChangeFeedOperationType> LIFE = List.of(ChangeFeedOperationType.CREATE,
        ChangeFeedOperationType.REPLACE, ChangeFeedOperationType.REPLACE, ChangeFeedOperationType.DELETE);

    private final String name;
    private final Queue<ChangeFeedProcessorItem> seen = new ConcurrentLinkedQueue<>();

    private AllVersionsSuite(String name) {
        this.name = name;
    }

    public static void main(String[] arguments) {
        Checks checks = new Checks();
        checks.check("every version and the delete, with what was before", new AllVersionsSuite("all")::everyVersion);
        checks.check("a document that expires is a delete that says so", new AllVersionsSuite("ttl")::expired);
        checks.check("goes on where it stopped, with what was deleted meanwhile", new AllVersionsSuite("resume")::goesOn);
        checks.check("without a processor: from now, and on from its token", new AllVersionsSuite("pull")::withoutProcessor);
        checks.checkEmulated("across a split", new AllVersionsSuite("split")::acrossSplit);
        checks.end("azure-cosmos (Java) " + Account.variable("FEEDCAST_TEST_SDK"));
    }

    private void everyVersion() throws Exception {
        ChangeFeedProcessor processor = start();
        liveOnce(name);
        awaitLife(name);
        processor.stop().block(Duration.ofSeconds(30));
        List<ChangeFeedProcessorItem> own = of(name);
        Checks.equal(LIFE, own.stream().map(AllVersionsSuite::operation).collect(Collectors.toList()), "operations");
        for (int n = 0; n < 3; n++) {
            Checks.equal(n + 1, own.get(n).getCurrent().get("n").asInt(), "version");
            Checks.equal(n + 1, own.get(n + 1).getPrevious().get("n").asInt(), "version before");
            Checks.equal(own.get(n).getChangeFeedMetaData().getLogSequenceNumber(),
                own.get(n + 1).getChangeFeedMetaData().getPreviousLogSequenceNumber(), "LSN of the version before");
        }
        Checks.equal(false, own.get(3).getChangeFeedMetaData().isTimeToLiveExpired(), "expired");
    }

    private void expired() throws Exception {
        ChangeFeedProcessor processor = start();
        FEED.createItem(document(name, 1).put("ttl", 1)).block();
        Checks.eventually("its delete", () -> of(name).size() == 2);
        processor.stop().block(Duration.ofSeconds(30));
        Checks.equal(true, of(name).get(1).getChangeFeedMetaData().isTimeToLiveExpired(), "expired");
    }

    private void goesOn() throws Exception {
        start().stop().block(Duration.ofSeconds(30));
        liveOnce(name);
        ChangeFeedProcessor processor = start();
        awaitLife(name);
        processor.stop().block(Duration.ofSeconds(30));
    }

    private void withoutProcessor() throws Exception {
        CosmosChangeFeedRequestOptions now =
            CosmosChangeFeedRequestOptions.createForProcessingFromNow(FeedRange.forFullRange()).allVersionsAndDeletes();
        List<JsonNode> found = new ArrayList<>();
        String token = read(now, found);
        Checks.equal(0, found.size(), "changes before now");
        liveOnce(name);
        read(CosmosChangeFeedRequestOptions.createForProcessingFromContinuation(token).allVersionsAndDeletes(), found);
        Checks.equal(List.of("create", "replace", "replace", "delete"), found.stream()
            .map(item -> item.get("metadata").get("operationType").asText()).collect(Collectors.toList()), "operations");
    }

    private void acrossSplit() throws Exception {
        ChangeFeedProcessor processor = start();
        for (int n = 0; n < 10; n++) {
            liveOnce(name + "-before-" + n);
        }
        Account.split("feed", "0");
        for (int n = 0; n < 10; n++) {
            liveOnce(name + "-after-" + n);
        }
        for (String when : List.of("-before-", "-after-")) {
            for (int n = 0; n < 10; n++) {
                String id = name + when + n;
                awaitLife(id);
            }
        }
        processor.stop().block(Duration.ofSeconds(30));
    }

    /** Reads until a page is empty; the token after it. */
    private static String read(CosmosChangeFeedRequestOptions options, List<JsonNode> found) {
        String token = null;
        for (FeedResponse<JsonNode> page : FEED.queryChangeFeed(options, JsonNode.class).byPage().toIterable()) {
            found.addAll(page.getResults());
            token = page.getContinuationToken();
        }
        return token;
    }

    /** A processor whose "now" has been: every lease has a position. */
    private ChangeFeedProcessor start() throws Exception {
        ChangeFeedProcessor processor = new ChangeFeedProcessorBuilder()
            .hostName("a")
            .feedContainer(FEED)
            .leaseContainer(LEASES)
            .options(Host.options(name + "-").setStartFromBeginning(false))
            .handleAllVersionsAndDeletesChanges((List<ChangeFeedProcessorItem> items) -> seen.addAll(items))
            .buildChangeFeedProcessor();
        processor.start().block(Duration.ofSeconds(30));
        String text = "SELECT * FROM c WHERE STARTSWITH(c.id, '" + name + "-')";
        Checks.eventually("all have a position", () -> {
            List<JsonNode> leases = LEASES.queryItems(text, new CosmosQueryRequestOptions(), JsonNode.class).collectList()
                .block(Duration.ofSeconds(30)).stream().filter(d -> d.has("LeaseToken")).collect(Collectors.toList());
            return !leases.isEmpty() && leases.stream().allMatch(lease -> lease.hasNonNull("ContinuationToken"));
        });
        return processor;
    }

    /** The changes of one document so far, in their order; a processor may hand one over more than once. */
    private List<ChangeFeedProcessorItem> of(String id) {
        Map<Long, ChangeFeedProcessorItem> byLsn = new TreeMap<>();
        seen.stream().filter(item -> id.equals(idOf(item)))
            .forEach(item -> byLsn.putIfAbsent(item.getChangeFeedMetaData().getLogSequenceNumber(), item));
        return new ArrayList<>(byLsn.values());
    }

    private void awaitLife(String id) throws Exception {
        try {
            Checks.eventually("all versions of " + id, () -> of(id).size() == LIFE.size());
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; seen: " + seen, e);
        }
    }

    private static String idOf(ChangeFeedProcessorItem item) {
        JsonNode version = operation(item) == ChangeFeedOperationType.DELETE ? item.getPrevious() : item.getCurrent();
        return version.get("id").asText();
    }

    private static ChangeFeedOperationType operation(ChangeFeedProcessorItem item) {
        return item.getChangeFeedMetaData().getOperationType();
    }

    private static void liveOnce(String id) {
        FEED.createItem(document(id, 1)).block();
        FEED.replaceItem(document(id, 2), id, new PartitionKey(id)).block();
        FEED.upsertItem(document(id, 3)).block();
        FEED.deleteItem(id, new PartitionKey(id), new CosmosItemRequestOptions()).block();
    }

    private static ObjectNode document(String id, int n) {
        return JsonNodeFactory.instance.objectNode().put("id", id).put("n", n);
    }
}
