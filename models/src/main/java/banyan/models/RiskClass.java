package banyan.models;

/** The four credit-risk classes of 国市监信发〔2022〕6号, best first. */
public enum RiskClass {
    /** Low risk (低). */
    A,
    /** Ordinary risk (一般). */
    B,
    /** Higher risk (较高). */
    C,
    /** High risk (高). */
    D
}
