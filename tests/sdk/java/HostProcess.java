import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Collectors;

/** One host as a process of its own, which can be killed: NAME LEASES. It ends when standard input does. */
final class HostProcess {
    public static void main(String[] arguments) throws Exception {
        Host.Leases kind = Host.Leases.valueOf(arguments[1]);
        Host host = new Host(arguments[0], kind, Host.options("crash-"), HostProcess::tell);
        Reporter.run(host::start, host::stop);
    }

    private static void tell(List<JsonNode> items) {
        Reporter.tell(items.stream().map(item -> item.get("id").asText()).collect(Collectors.joining(" ")));
    }
}
