package au.com.dius.pact.core.model.matchingrules;

public class NumberTypeMatcher implements MatchingRule {
    public NumberTypeMatcher(NumberType kind) {}

    public enum NumberType {
        INTEGER
    }
}
