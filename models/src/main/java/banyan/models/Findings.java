package banyan.models;

import java.util.List;
import java.util.function.Predicate;

/**
 * What the inspections of a plan found (问题发现率), by class and arm: how good the classes are at telling where problems are ({@code
 * handbook: classification §12}).
 *
 * @param groups one for each class and arm of which any was drawn
 */
public record Findings(List<Group> groups) {
    private static final double Z = 1.959963984540054; // of a normal distribution, 95 percent

    /**
     * Those of a class that an arm drew.
     *
     * @param inspected of them, by now
     * @param checked of those, where there was something to check: the denominator of every rate
     * @param problems of those
     * @param standing for so many entities: the sum of 1/pi over the checked
     * @param standingBad the same over the problems
     */
    public record Group(
            RiskClass riskClass,
            boolean control,
            long drawn,
            long inspected,
            long checked,
            long problems,
            double standing,
            double standingBad) {}

    /** Problems of those checked, with Wilson's interval (1927) at 95 percent; NaN where none was checked. */
    public record Rate(long problems, long checked) {
        public double rate() {
            return (double) problems / checked;
        }

        public double low() {
            return centre() - half();
        }

        public double high() {
            return centre() + half();
        }

        private double centre() {
            return (problems + Z * Z / 2) / (checked + Z * Z);
        }

        private double half() {
            double n = checked;
            return n == 0 ? Double.NaN : Z / (n + Z * Z) * Math.sqrt(problems * (n - problems) / n + Z * Z / 4);
        }
    }

    /** Of a class, by whatever arm it was drawn: within a class both draw by chance alone. */
    public Rate of(RiskClass riskClass) {
        return rate(g -> g.riskClass == riskClass);
    }

    /** Of those drawn from all alike. */
    public Rate control() {
        return rate(Group::control);
    }

    private Rate rate(Predicate<Group> which) {
        return new Rate(
                groups.stream().filter(which).mapToLong(Group::problems).sum(),
                groups.stream().filter(which).mapToLong(Group::checked).sum());
    }

    /** The rate of all that might have been drawn: each checked stands for 1/pi of them (Hájek 1971). NaN where none was checked. */
    public double ofAll() {
        return groups.stream().mapToDouble(Group::standingBad).sum()
                / groups.stream().mapToDouble(Group::standing).sum();
    }

    /**
     * How many times as often a problem is found in a class as in all: by the control arm where it found any, else by {@link #ofAll}.
     * NaN where nothing was found.
     */
    public double lift(RiskClass riskClass) {
        double base = control().problems() > 0 ? control().rate() : ofAll();
        return base > 0 ? of(riskClass).rate() / base : Double.NaN;
    }

    /** The share of all problems there are, as the checked stand for them, that lies in classes C and D. NaN where nothing was found. */
    public double capture() {
        return groups.stream()
                        .filter(g -> g.riskClass.compareTo(RiskClass.C) >= 0)
                        .mapToDouble(Group::standingBad)
                        .sum()
                / groups.stream().mapToDouble(Group::standingBad).sum();
    }
}
