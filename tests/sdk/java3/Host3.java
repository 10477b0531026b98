import com.azure.data.cosmos.ChangeFeedProcessor;
import com.azure.data.cosmos.ChangeFeedProcessorOptions;
import com.azure.data.cosmos.ConnectionMode;
import com.azure.data.cosmos.ConnectionPolicy;
import com.azure.data.cosmos.ConsistencyLevel;
import com.azure.data.cosmos.CosmosClient;
import com.azure.data.cosmos.CosmosContainer;
import com.azure.data.cosmos.CosmosItemProperties;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** One host of a change feed processor of version 3, made as the replaced service makes it. */
final class Host3 implements AutoCloseable {
    private final CosmosClient client = client();
    private final ChangeFeedProcessor processor;

    Host3(String name, String prefix, Consumer<List<CosmosItemProperties>> handler) {
        ChangeFeedProcessorOptions options = new ChangeFeedProcessorOptions()
            .leasePrefix(prefix)
            .startFromBeginning(true)
            .feedPollDelay(Duration.ofMillis(100))
            .maxItemCount(100);
        if (!Reporter.defaultTimers()) {
            options
                .leaseAcquireInterval(Duration.ofMillis(500))
                .leaseRenewInterval(Duration.ofSeconds(1))
                .leaseExpirationInterval(Duration.ofSeconds(5));
        }
        processor = ChangeFeedProcessor.Builder()
            .hostName(name)
            .feedContainer(container(client, "feed"))
            .leaseContainer(container(client, "leases"))
            .options(options)
            .handleChanges(handler)
            .build();
    }

    static CosmosClient client() {
        return CosmosClient.builder()
            .endpoint(System.getenv("FEEDCAST_TEST_ENDPOINT"))
            .key(System.getenv("FEEDCAST_TEST_KEY"))
            .connectionPolicy(ConnectionPolicy.defaultPolicy().connectionMode(ConnectionMode.GATEWAY))
            .consistencyLevel(ConsistencyLevel.SESSION)
            .build();
    }

    static CosmosContainer container(CosmosClient client, String name) {
        return client.getDatabase(System.getenv("FEEDCAST_TEST_DATABASE")).getContainer(name);
    }

    Host3 start() {
        processor.start().block(Duration.ofSeconds(60));
        return this;
    }

    void stop() {
        processor.stop().block(Duration.ofSeconds(60));
    }

    @Override
    public void close() {
        stop();
        client.close();
    }
}
