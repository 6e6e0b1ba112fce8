package banyan.models.learned;

import jakarta.xml.bind.JAXBException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.dmg.pmml.Apply;
import org.dmg.pmml.Constant;
import org.dmg.pmml.DataDictionary;
import org.dmg.pmml.DataField;
import org.dmg.pmml.DataType;
import org.dmg.pmml.Expression;
import org.dmg.pmml.FieldRef;
import org.dmg.pmml.Header;
import org.dmg.pmml.MiningField;
import org.dmg.pmml.MiningFunction;
import org.dmg.pmml.MiningSchema;
import org.dmg.pmml.OpType;
import org.dmg.pmml.Output;
import org.dmg.pmml.OutputField;
import org.dmg.pmml.PMML;
import org.dmg.pmml.Predicate;
import org.dmg.pmml.ResultFeature;
import org.dmg.pmml.SimplePredicate;
import org.dmg.pmml.True;
import org.dmg.pmml.scorecard.Attribute;
import org.dmg.pmml.scorecard.Characteristic;
import org.dmg.pmml.scorecard.Characteristics;
import org.dmg.pmml.scorecard.Scorecard;
import org.jpmml.model.JAXBSerializer;

/** A card as PMML 4.4 Scorecard (Data Mining Group), for engines that are not ours. The first attribute that fits counts. */
public final class Pmml {
    private Pmml() {}

    /** The points; output {@code points}. */
    public static String points(Points card) {
        Output output = new Output()
                .addOutputFields(new OutputField("points", OpType.CONTINUOUS, DataType.DOUBLE)
                        .setResultFeature(ResultFeature.PREDICTED_VALUE));
        return written(
                card,
                card.base(),
                v -> {
                    List<Number> points = new ArrayList<>();
                    for (int p : card.points().get(v)) {
                        points.add(p);
                    }
                    return points;
                },
                output);
    }

    /** The log odds, not rounded; outputs {@code log_odds} and {@code probability}. */
    public static String probability(Points card) {
        Expression minus = apply("*", constant(-1), new FieldRef("log_odds"));
        Expression probability = apply("/", constant(1), apply("+", constant(1), apply("exp", minus)));
        Output output = new Output()
                .addOutputFields(
                        new OutputField("log_odds", OpType.CONTINUOUS, DataType.DOUBLE)
                                .setResultFeature(ResultFeature.PREDICTED_VALUE),
                        new OutputField("probability", OpType.CONTINUOUS, DataType.DOUBLE)
                                .setResultFeature(ResultFeature.TRANSFORMED_VALUE)
                                .setExpression(probability));
        return written(
                card,
                card.baseOdds(),
                v -> {
                    List<Number> odds = new ArrayList<>();
                    for (double o : card.odds().get(v)) {
                        odds.add(o);
                    }
                    return odds;
                },
                output);
    }

    private static Expression apply(String function, Expression... arguments) {
        return new Apply(function).addExpressions(arguments);
    }

    private static Constant constant(int value) {
        return new Constant((double) value).setDataType(DataType.DOUBLE);
    }

    private static String written(Points card, Number base, IntFunction<List<Number>> scores, Output output) {
        DataDictionary dictionary = new DataDictionary();
        MiningSchema schema = new MiningSchema();
        Characteristics characteristics = new Characteristics();
        List<Bins> variables = card.card().variables();
        for (int v = 0; v < variables.size(); v++) {
            Bins bins = variables.get(v);
            boolean words = !bins.groups().isEmpty();
            dictionary.addDataFields(new DataField(
                    bins.variable(),
                    words ? OpType.CATEGORICAL : OpType.CONTINUOUS,
                    words ? DataType.STRING : DataType.DOUBLE));
            schema.addMiningFields(new MiningField(bins.variable()));
            characteristics.addCharacteristics(new Characteristic()
                    .setName(bins.variable())
                    .addAttributes(attributes(bins, scores.apply(v)).toArray(Attribute[]::new)));
        }
        Scorecard scorecard = new Scorecard(MiningFunction.REGRESSION, schema, characteristics)
                .setInitialScore(base)
                .setUseReasonCodes(false)
                .setOutput(output);
        PMML pmml = new PMML("4.4", new Header().setDescription("Banyan scorecard: more points, more risk"), dictionary)
                .addModels(scorecard);
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            new JAXBSerializer().serialize(pmml, bytes);
            return bytes.toString(StandardCharsets.UTF_8);
        } catch (JAXBException e) {
            throw new IllegalStateException("Cannot write PMML: " + e.getMessage(), e);
        }
    }

    private static List<Attribute> attributes(Bins bins, List<Number> scores) {
        String x = bins.variable();
        int last = scores.size() - 1;
        List<Attribute> attributes = new ArrayList<>();
        attributes.add(attribute(new SimplePredicate(x, SimplePredicate.Operator.IS_MISSING, null), scores.get(last)));
        for (int g = 0; g < bins.groups().size(); g++) {
            // One by one, not as an array, in which engines read quotes and backslashes differently.
            for (String word : bins.groups().get(g)) {
                attributes.add(attribute(new SimplePredicate(x, SimplePredicate.Operator.EQUAL, word), scores.get(g)));
            }
        }
        for (double code : bins.specials()) {
            attributes.add(attribute(
                    new SimplePredicate(x, SimplePredicate.Operator.EQUAL, code), scores.get(bins.indexOf(code))));
        }
        for (int b = 0; b < bins.cuts().length; b++) {
            attributes.add(attribute(
                    new SimplePredicate(x, SimplePredicate.Operator.LESS_THAN, bins.cuts()[b]), scores.get(b)));
        }
        int otherwise = bins.groups().isEmpty() ? bins.cuts().length : last - 1;
        attributes.add(attribute(new True(), scores.get(otherwise)));
        return attributes;
    }

    private static Attribute attribute(Predicate predicate, Number score) {
        return new Attribute(predicate).setPartialScore(score);
    }
}
