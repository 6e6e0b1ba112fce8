package banyan.jobs.ingest;

/** A delivered file that cannot be read as a whole: the delivery is refused. */
public final class UnreadableFile extends RuntimeException {
    UnreadableFile(String why) {
        super(why);
    }
}
