import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClientBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** The account of the environment, and a client of it. */
final class Account implements AutoCloseable {
    static final String DATABASE = variable("FEEDCAST_TEST_DATABASE");
    private static final String ENDPOINT = variable("FEEDCAST_TEST_ENDPOINT");

    private final CosmosAsyncClient client = new CosmosClientBuilder()
        .endpoint(ENDPOINT)
        .key(variable("FEEDCAST_TEST_KEY"))
        .gatewayMode()
        .contentResponseOnWriteEnabled(true)
        .buildAsyncClient();

    CosmosAsyncContainer container(String name) {
        return client.getDatabase(DATABASE).getContainer(name);
    }

    /** The emulator splits a range in two; a real account does when it likes. */
    static void split(String container, String range) throws Exception {
        control("POST", "dbs/" + DATABASE + "/colls/" + container + "/split/" + range, "");
    }

    /** A call of the emulator's controls; the body of its answer. */
    static String control(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(ENDPOINT + "_emulator/" + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body)).build();
        HttpResponse<String> answer =
            HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    static String variable(String name) {
        String value = System.getenv(name);
        return value == null ? "" : value;
    }

    @Override
    public void close() {
        client.close();
    }
}
