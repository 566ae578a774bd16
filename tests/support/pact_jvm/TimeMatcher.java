package au.com.dius.pact.core.model.matchingrules;

public class TimeMatcher implements MatchingRule {
    public TimeMatcher(String detail) {}
}
