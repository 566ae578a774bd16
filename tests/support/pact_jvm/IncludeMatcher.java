package au.com.dius.pact.core.model.matchingrules;

public class IncludeMatcher implements MatchingRule {
    public IncludeMatcher(String detail) {}
}
