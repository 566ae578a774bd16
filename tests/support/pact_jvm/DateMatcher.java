package au.com.dius.pact.core.model.matchingrules;

public class DateMatcher implements MatchingRule {
    public DateMatcher(String detail) {}
}
