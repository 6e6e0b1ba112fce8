package banyan.jobs;

/** A command that will not be carried out, and why: what could not be done, why with values, what to do. No stack trace is shown. */
public final class Refusal extends RuntimeException {
    /** How a command ends; Airflow maps these to skip, fail and retry. */
    public enum Exit {
        FAULT(1),
        USAGE(2),
        DATA(3),
        DEFINITION(4),
        LOCKED(5),
        AGAIN(75),
        NOTHING(99);

        public final int code;

        Exit(int code) {
            this.code = code;
        }
    }

    private final Exit exit;

    public Refusal(Exit exit, String message) {
        super(message);
        this.exit = exit;
    }

    public Exit exit() {
        return exit;
    }
}
