import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosQueryRequestOptions;
import com.azure.cosmos.models.FeedResponse;
import com.azure.cosmos.models.SqlParameter;
import com.azure.cosmos.models.SqlQuerySpec;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;

/** Queries over several ranges, whose answers the SDK merges, and which it resumes from tokens of its own. */
final class QuerySuite {
    private static final int COUNT = 57;
    private static final CosmosAsyncContainer ITEMS = new Account().container("queries");
    private static final List<Integer> RISING = IntStream.range(0, COUNT).boxed().collect(Collectors.toList());

    private QuerySuite() {}

    public static void main(String[] arguments) {
        fill();
        List<Integer> falling = new ArrayList<>(RISING);
        Collections.reverse(falling);
        Checks checks = new Checks();
        expect(checks, "SELECT VALUE c.n FROM c ORDER BY c.n", RISING);
        expect(checks, "SELECT VALUE c.n FROM c ORDER BY c.n DESC", falling);
        expect(checks, "SELECT TOP 5 VALUE c.n FROM c ORDER BY c.n", RISING.subList(0, 5));
        expect(checks, "SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 7 LIMIT 4", RISING.subList(7, 11));
        expect(checks, "SELECT VALUE COUNT(1) FROM c", List.of(COUNT));
        expect(checks, "SELECT TOP 1 VALUE COUNT(r) FROM root r WHERE r.g = 1", List.of(28));
        expect(checks, "SELECT VALUE SUM(c.n) FROM c", List.of(1596));
        expect(checks, "SELECT VALUE MIN(c.n) FROM c", List.of(0));
        expect(checks, "SELECT VALUE MIN(c.n) FROM c WHERE c.n > 40 AND c.n < 43", List.of(41));
        expect(checks, "SELECT VALUE MAX(c.n) FROM c", List.of(COUNT - 1));
        expect(checks, "SELECT VALUE AVG(c.n) FROM c", List.of(28));
        for (String query : List.of("SELECT VALUE c.n FROM c", "SELECT VALUE c.n FROM c ORDER BY c.n",
                "SELECT VALUE c.n FROM c ORDER BY c.n DESC", "SELECT VALUE c.n FROM c ORDER BY c.g",
                "SELECT VALUE c.n FROM c ORDER BY c.g DESC", "SELECT VALUE c.n FROM c ORDER BY c.kind")) {
            checks.check("every row once, page by page from its token: " + query, () -> resumed(query, false));
        }
        checks.check("OFFSET LIMIT and TOP without an order", QuerySuite::cut);
        checks.check("parameters and elements of arrays", QuerySuite::joined);
        checks.checkEmulated("across a split: every row once", () -> resumed("SELECT VALUE c.n FROM c ORDER BY c.n", true));
        checks.checkEmulated("what is not supported is named", QuerySuite::refused);
        checks.end("azure-cosmos (Java, queries) " + Account.variable("FEEDCAST_TEST_SDK"));
    }

    /** Keys of two types, many of them equal, and some documents without. */
    private static void fill() {
        Flux.range(0, COUNT).flatMap(n -> {
            ObjectNode document = JsonNodeFactory.instance.objectNode();
            document.put("id", "item-" + n).put("n", n * 37 % COUNT).put("g", n % 2).putArray("tags").add("tag-" + n);
            if (n % 4 == 0) {
                document.put("kind", "even");
            } else if (n % 4 == 1) {
                document.put("kind", n % 8 == 1);
            }
            return ITEMS.createItem(document);
        }, 8).blockLast(Duration.ofSeconds(60));
    }

    private static void expect(Checks checks, String query, List<Integer> wanted) {
        checks.check(query, () -> Checks.equal(wanted, numbers(rows(new SqlQuerySpec(query))), "rows"));
    }

    private static List<JsonNode> rows(SqlQuerySpec query) {
        return ITEMS.queryItems(query, new CosmosQueryRequestOptions(), JsonNode.class).collectList()
            .block(Duration.ofSeconds(30));
    }

    private static List<Integer> numbers(List<JsonNode> rows) {
        return rows.stream().map(JsonNode::asInt).collect(Collectors.toList());
    }

    /** Each page is read by a query of its own, which gets the token of the one before. */
    private static void resumed(String query, boolean split) throws Exception {
        List<Integer> found = new ArrayList<>();
        String token = null;
        do {
            FeedResponse<JsonNode> page = ITEMS.queryItems(query, new CosmosQueryRequestOptions(), JsonNode.class)
                .byPage(token, 5).blockFirst(Duration.ofSeconds(30));
            found.addAll(numbers(page.getResults()));
            if (split && token == null) {
                Account.split("queries", "0");
            }
            token = page.getContinuationToken();
        } while (token != null && found.size() <= COUNT);
        Checks.equal(COUNT, found.size(), "rows");
        Checks.equal(new TreeSet<>(RISING), new TreeSet<>(found), "numbers");
        if (query.endsWith("ORDER BY c.n")) {
            Checks.equal(RISING, found, "order");
        }
    }

    private static void cut() {
        Checks.equal(5, rows(new SqlQuerySpec("SELECT TOP 5 * FROM c")).size(), "rows of TOP");
        Checks.equal(7, rows(new SqlQuerySpec("SELECT * FROM c OFFSET 50 LIMIT 20")).size(), "rows of OFFSET LIMIT");
    }

    private static void joined() {
        List<JsonNode> found = rows(new SqlQuerySpec("SELECT r AS view FROM root r JOIN t IN r.tags WHERE t = @tag",
            new SqlParameter("@tag", "tag-5")));
        Checks.equal(1, found.size(), "rows");
        Checks.equal("item-5", found.get(0).get("view").get("id").asText(), "id");
    }

    private static void refused() {
        try {
            rows(new SqlQuerySpec("SELECT c.g FROM c\nGROUP BY c.g"));
        } catch (CosmosException refusal) {
            Checks.equal(400, refusal.getStatusCode(), "status");
            String named = "asks for GROUP BY, which this emulator does not support, at line 2, column 1";
            Checks.equal(true, refusal.getMessage().contains(named), "a message that names it: " + refusal.getShortMessage());
            return;
        }
        throw new AssertionError("it was answered");
    }
}
