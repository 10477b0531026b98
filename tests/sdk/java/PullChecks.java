import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosChangeFeedRequestOptions;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.FeedRange;
import com.azure.cosmos.models.FeedResponse;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Documents, and their changes as they are read without a processor. The container pull is theirs alone. */
final class PullChecks {
    private static final FeedRange ALL = FeedRange.forFullRange();

    private final CosmosAsyncContainer feed;
    private int written;

    private PullChecks(CosmosAsyncContainer feed) {
        this.feed = feed;
    }

    static void run(Checks checks, CosmosAsyncContainer feed) {
        PullChecks pull = new PullChecks(feed);
        checks.check("conflicts and conditions", pull::conditions);
        checks.check("without a processor: from the beginning", pull::fromTheBeginning);
        checks.check("without a processor: from now, and on from its token", pull::fromNow);
        checks.check("without a processor: from a point in time", pull::fromPointInTime);
        checks.check("without a processor: by range and by partition key", pull::parts);
        checks.checkEmulated("without a processor: a token from before a split", pull::acrossSplit);
    }

    private void conditions() {
        String first = feed.createItem(document("conditions", 1)).block().getETag();
        Checks.equal(409, refused(() -> feed.createItem(document("conditions", 2)).block()), "status of a conflict");
        CosmosItemRequestOptions onlyIf = new CosmosItemRequestOptions().setIfMatchETag(first);
        PartitionKey key = new PartitionKey("conditions");
        CosmosItemResponse<ObjectNode> replaced =
            feed.replaceItem(document("conditions", 2), "conditions", key, onlyIf).block();
        Checks.equal(true, !first.equals(replaced.getETag()), "another ETag");
        Checks.equal(412, refused(() -> feed.replaceItem(document("conditions", 3), "conditions", key, onlyIf).block()),
            "status of a condition that does not hold");
        Checks.equal(2, feed.readItem("conditions", key, JsonNode.class).block().getItem().get("n").asInt(), "what is stored");
        feed.deleteItem("conditions", key).block();
        Checks.equal(404, refused(() -> feed.readItem("conditions", key, JsonNode.class).block()), "status of what is gone");
    }

    private static int refused(Runnable what) {
        try {
            what.run();
            return 0;
        } catch (CosmosException refusal) {
            return refusal.getStatusCode();
        }
    }

    private void fromTheBeginning() {
        write(50);
        Set<String> found = new TreeSet<>();
        read(CosmosChangeFeedRequestOptions.createForProcessingFromBeginning(ALL).setMaxItemCount(7), found);
        Checks.equal(new TreeSet<>(ids(1, written)), found, "ids");
    }

    private void fromNow() {
        Set<String> found = new HashSet<>();
        String token = read(CosmosChangeFeedRequestOptions.createForProcessingFromNow(ALL), found);
        Checks.equal(0, found.size(), "changes before now");
        int before = written;
        write(20);
        String later = read(CosmosChangeFeedRequestOptions.createForProcessingFromContinuation(token), found);
        Checks.equal(ids(before + 1, written), found, "ids after now");
        found.clear();
        read(CosmosChangeFeedRequestOptions.createForProcessingFromContinuation(later), found);
        Checks.equal(0, found.size(), "changes after the last");
    }

    private void fromPointInTime() throws Exception {
        Thread.sleep(2100); // times of changes are whole seconds
        Instant start = Instant.now();
        Thread.sleep(2100);
        int before = written;
        write(10);
        Set<String> found = new HashSet<>();
        read(CosmosChangeFeedRequestOptions.createForProcessingFromPointInTime(start, ALL), found);
        Checks.equal(true, found.containsAll(ids(before + 1, written)), "all after the time are there");
        if (Checks.EMULATED) {
            Checks.equal(10, found.size(), "changes since the time");
        }
    }

    private void parts() {
        List<FeedRange> ranges = feed.getFeedRanges().block();
        Set<String> found = new HashSet<>();
        int sum = 0;
        for (FeedRange range : ranges) {
            Set<String> part = new HashSet<>();
            read(CosmosChangeFeedRequestOptions.createForProcessingFromBeginning(range), part);
            sum += part.size();
            found.addAll(part);
        }
        Checks.equal(ids(1, written), found, "ids of all ranges");
        Checks.equal(written, sum, "ids of each range together");

        Set<String> own = new HashSet<>();
        FeedRange logical = FeedRange.forLogicalPartition(new PartitionKey("pull-3"));
        read(CosmosChangeFeedRequestOptions.createForProcessingFromBeginning(logical), own);
        Checks.equal(Set.of("pull-3"), own, "ids of the partition key");
    }

    private void acrossSplit() throws Exception {
        Set<String> found = new HashSet<>();
        String token = read(CosmosChangeFeedRequestOptions.createForProcessingFromBeginning(ALL), found);
        found.clear();
        Account.split(feed.getId(), "0");
        int before = written;
        write(40);
        read(CosmosChangeFeedRequestOptions.createForProcessingFromContinuation(token), found);
        Checks.equal(ids(before + 1, written), found, "ids since the token");
    }

    /** Reads until there is nothing more; the token after it. */
    private String read(CosmosChangeFeedRequestOptions options, Set<String> found) {
        String token = null;
        for (FeedResponse<JsonNode> page : feed.queryChangeFeed(options, JsonNode.class).byPage().toIterable()) {
            page.getResults().forEach(item -> found.add(item.get("id").asText()));
            token = page.getContinuationToken();
        }
        return token;
    }

    private void write(int count) {
        for (int n = 0; n < count; n++) {
            feed.createItem(document("pull-" + ++written, 1)).block();
        }
    }

    private static Set<String> ids(int first, int last) {
        Set<String> ids = new HashSet<>();
        for (int n = first; n <= last; n++) {
            ids.add("pull-" + n);
        }
        return ids;
    }

    private static ObjectNode document(String id, int n) {
        return JsonNodeFactory.instance.objectNode().put("id", id).put("n", n);
    }
}
