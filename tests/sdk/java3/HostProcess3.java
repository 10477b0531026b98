import com.azure.data.cosmos.CosmosItemProperties;
import java.util.List;
import java.util.stream.Collectors;

/** One host as a process of its own, which can be killed: NAME. It ends when standard input does. */
final class HostProcess3 {
    public static void main(String[] arguments) throws Exception {
        Host3 host = new Host3(arguments[0], "crash-", HostProcess3::tell);
        Reporter.run(host::start, host::stop);
    }

    private static void tell(List<CosmosItemProperties> items) {
        Reporter.tell(items.stream().map(CosmosItemProperties::id).collect(Collectors.joining(" ")));
    }
}
