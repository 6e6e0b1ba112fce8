package banyan.models.learned;

import java.util.Arrays;
import java.util.stream.IntStream;

/** What one variable says of each case, in the order of the cases. */
public sealed interface Values {
    String name();

    int size();

    /** Those of the cases with these numbers. */
    Values at(int[] rows);

    /**
     * @param of one number a case; NaN where it is missing, never infinite
     */
    record Numbers(String name, double[] of) implements Values {
        public Numbers {
            for (double value : of) {
                if (Double.isInfinite(value)) {
                    throw new IllegalArgumentException(
                            "Cannot use " + name + ": it holds " + value + "; leave such a value empty, or cap it.");
                }
            }
        }

        @Override
        public int size() {
            return of.length;
        }

        @Override
        public Numbers at(int[] rows) {
            return new Numbers(name, Arrays.stream(rows).mapToDouble(i -> of[i]).toArray());
        }
    }

    /**
     * @param of one word a case; null where it is missing
     */
    record Words(String name, String[] of) implements Values {
        @Override
        public int size() {
            return of.length;
        }

        @Override
        public Words at(int[] rows) {
            return new Words(name, IntStream.of(rows).mapToObj(i -> of[i]).toArray(String[]::new));
        }
    }
}
