package banyan.schemas;

/** A contract, sender, code list or policy file that cannot be used as written; the command ends with exit code 4. */
public final class InvalidDefinition extends RuntimeException {
    /**
     * @param file the definition at fault, as named under its folder
     * @param why what is wrong with it, with the value at fault and what to do
     */
    public InvalidDefinition(String file, String why) {
        super("Cannot use " + file + ": " + why);
    }
}
