/** What a host that runs as a process says on standard output: what it was handed, before that can be checkpointed. */
final class Reporter {
    private Reporter() {}

    /** Whether hosts are to renew and expire leases as everybody's do, for runs by hand. */
    static boolean defaultTimers() {
        return "default".equals(System.getenv("FEEDCAST_SDK_TIMERS"));
    }

    static synchronized void tell(String ids) {
        System.out.println("page " + ids);
        System.out.flush();
    }

    static void run(Runnable start, Runnable stop) throws Exception {
        start.run();
        System.out.println("started");
        while (System.in.read() >= 0) {
            // Nobody says anything but that it shall end.
        }
        stop.run();
        System.out.println("stopped");
        System.out.flush();
        Runtime.getRuntime().halt(0); // clients leave threads behind
    }
}
