import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;

/** Runs named checks and says how they went, a line each; the last line has the sums. */
final class Checks {
    interface Check {
        void run() throws Exception;
    }

    /** Whether the account is the emulator, with its controls. */
    static final boolean EMULATED = System.getenv().getOrDefault("FEEDCAST_TEST_EMULATED", "").length() > 0;

    private int passed;
    private int failed;
    private int skipped;

    /** Runs a check that any account can pass. */
    void check(String name, Check check) {
        Instant began = Instant.now();
        try {
            check.run();
            passed++;
            System.out.println("ok " + name + " (" + Duration.between(began, Instant.now()).toMillis() + " ms)");
        } catch (Throwable problem) {
            failed++;
            System.out.println("not ok " + name);
            problem.printStackTrace(System.out);
        }
    }

    /** Runs a check that needs the emulator's controls. */
    void checkEmulated(String name, Check check) {
        if (EMULATED) {
            check(name, check);
        } else {
            skipped++;
            System.out.println("skipped " + name + ": needs the emulator's controls");
        }
    }

    /** Prints the sums and ends the process; clients may have left threads behind. */
    void end(String sdk) {
        System.out.println(sdk + ": " + passed + " passed, " + failed + " failed, " + skipped + " skipped");
        System.out.flush();
        Runtime.getRuntime().halt(failed == 0 && passed > 0 ? 0 : 1);
    }

    static void equal(Object wanted, Object got, String what) {
        if (!wanted.equals(got)) {
            throw new AssertionError(what + ": wanted " + wanted + ", got " + got);
        }
    }

    static void eventually(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within 30 s: " + what);
            }
            Thread.sleep(50);
        }
    }
}
