package banyan.models;

/** A text in the two languages a reader may choose. */
public record Words(String zh, String en) {
    /** @param lang "zh" or "en" */
    public String in(String lang) {
        return lang.equals("en") ? en : zh;
    }
}
