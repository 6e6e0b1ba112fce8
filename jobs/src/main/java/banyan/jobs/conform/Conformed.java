package banyan.jobs.conform;

import java.util.stream.Stream;

/** Columns that several conformed tables share. */
final class Conformed {
    private Conformed() {}

    static Field[] with(Field[] shared, Field... own) {
        return Stream.concat(Stream.of(own), Stream.of(shared)).toArray(Field[]::new);
    }
}
