package banyan.jobs.generate;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.ceil;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.negate;
import static org.apache.spark.sql.functions.pow;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;

/**
 * Random draws that are functions of (seed, what is drawn, id): the same value in any partition, in any order, on any machine. Spark's
 * {@code rand} is none of that.
 */
record Draw(long seed) {
    private static final double UNIT = 1.0 / (1L << 53);

    /** Uniform in [0, 1), 53 bits. */
    Column uniform(String what, Column id) {
        return shiftrightunsigned(xxhash64(lit(seed), lit(what), id), 11).multiply(UNIT);
    }

    Column chance(double p, String what, Column id) {
        return uniform(what, id).lt(p);
    }

    /** 0 to n − 1, each alike. */
    Column below(int n, String what, Column id) {
        return floor(uniform(what, id).multiply(n)).cast("int");
    }

    /** One of the words, each alike. */
    Column word(String what, Column id, String... words) {
        Column[] all = Stream.of(words).map(functions::lit).toArray(Column[]::new);
        return element_at(array(all), below(words.length, what, id).plus(1));
    }

    /** Days of an exponential law, rounded up: 0 never occurs. */
    Column days(double mean, String what, Column id) {
        return ceil(negate(log(lit(1.0).minus(uniform(what, id)))).multiply(mean))
                .cast("int");
    }

    /** 0 to n − 1, the small ones often: the share of the first x of n is (x/n)^(1/power). */
    Column rank(long n, double power, String what, Column id) {
        return floor(pow(uniform(what, id), lit(power)).multiply(n)).cast("bigint");
    }

    /** A value by cumulated shares: {@code shares[i]} is where {@code values[i]} ends, the last is 1. */
    static Column split(Column uniform, double[] shares, Object... values) {
        Column value = lit(values[values.length - 1]);
        for (int i = values.length - 2; i >= 0; i--) {
            value = when(uniform.lt(shares[i]), lit(values[i])).otherwise(value);
        }
        return value;
    }
}
