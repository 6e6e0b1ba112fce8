package banyan.models;

import java.util.List;

/**
 * What the inspections of plans found on one item (问题发现率), by class: how good the classes are at telling where problems are ({@code
 * handbook: classification §12}). Items are told apart, for a class is that of the item's field, and each finds another share.
 *
 * @param classes one for each class
 * @param control of those drawn by the control arm
 */
public record Findings(List<OfClass> classes, Rate control) {
    private static final double Z = 1.959963984540054; // of a normal distribution, 95 percent

    /**
     * Those of a class that were drawn.
     *
     * @param entities of the class that there were when the newest plan was drawn
     * @param checked inspected, where there was something to check
     * @param weighted share of the checked where a problem was found, each weighing 1/pi (Hájek 1971): the ratios of kinds and of small
     *     counties differ within a class; NaN where none was checked
     */
    public record OfClass(RiskClass riskClass, long entities, Rate checked, double weighted) {}

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

    /**
     * The share of all entities where a problem would be found: each class's, by how many there are of it, so that it does not matter
     * which class was drawn how often. NaN where a class was not checked.
     */
    public double ofAll() {
        return found(classes) / classes.stream().mapToLong(OfClass::entities).sum();
    }

    /** How many times as often a problem is found in a class as in all. NaN where nothing was found, or a class was not checked. */
    public double lift(RiskClass riskClass) {
        double all = ofAll();
        double here = classes.stream()
                .filter(c -> c.riskClass == riskClass)
                .mapToDouble(OfClass::weighted)
                .findFirst()
                .orElse(Double.NaN);
        return all > 0 ? here / all : Double.NaN;
    }

    /** The share of all problems there are that lies in classes C and D. NaN where nothing was found, or a class was not checked. */
    public double capture() {
        double all = found(classes);
        return all > 0
                ? found(classes.stream()
                                .filter(c -> c.riskClass.compareTo(RiskClass.C) >= 0)
                                .toList())
                        / all
                : Double.NaN;
    }

    private static double found(List<OfClass> classes) {
        return classes.stream()
                .filter(c -> c.entities > 0)
                .mapToDouble(c -> c.entities * c.weighted)
                .sum();
    }
}
