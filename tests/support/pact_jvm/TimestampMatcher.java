package au.com.dius.pact.core.model.matchingrules;

public class TimestampMatcher implements MatchingRule {
    public TimestampMatcher(String detail) {}
}
