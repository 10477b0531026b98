import com.azure.cosmos.ChangeFeedProcessor;
import com.azure.cosmos.ChangeFeedProcessorBuilder;
import com.azure.cosmos.models.ChangeFeedProcessorItem;
import com.azure.cosmos.models.ChangeFeedProcessorOptions;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** One host of a change feed processor with a client of its own, as a process would have. */
final class Host implements AutoCloseable {
    /** What a lease stands for: a partition key range, or a range of effective partition keys. */
    enum Leases { PK, EPK }

    final ChangeFeedProcessor processor;
    private final Account account = new Account();

    Host(String name, Leases leases, ChangeFeedProcessorOptions options, Consumer<List<JsonNode>> handler) {
        ChangeFeedProcessorBuilder builder = new ChangeFeedProcessorBuilder()
            .hostName(name)
            .feedContainer(account.container("feed"))
            .leaseContainer(account.container("leases"))
            .options(options);
        if (leases == Leases.PK) {
            builder.handleChanges(handler);
        } else {
            builder.handleLatestVersionChanges((List<ChangeFeedProcessorItem> items) -> handler.accept(
                items.stream().map(ChangeFeedProcessorItem::getCurrent).collect(Collectors.toList())));
        }
        processor = builder.buildChangeFeedProcessor();
    }

    /** The defaults take many seconds for what these let happen in one. */
    static ChangeFeedProcessorOptions options(String prefix) {
        ChangeFeedProcessorOptions options = new ChangeFeedProcessorOptions()
            .setLeasePrefix(prefix)
            .setStartFromBeginning(true)
            .setFeedPollDelay(Duration.ofMillis(100))
            .setMaxItemCount(100);
        return Reporter.defaultTimers() ? options : options
            .setLeaseAcquireInterval(Duration.ofMillis(500))
            .setLeaseRenewInterval(Duration.ofSeconds(1))
            .setLeaseExpirationInterval(Duration.ofSeconds(5));
    }

    Host start() {
        processor.start().block(Duration.ofSeconds(60));
        return this;
    }

    void stop() {
        processor.stop().block(Duration.ofSeconds(60));
    }

    @Override
    public void close() {
        if (processor.isStarted()) {
            stop();
        }
        account.close();
    }
}
