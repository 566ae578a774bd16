package au.com.dius.pact.core.model.matchingrules;

public class NullMatcher implements MatchingRule {
    public static final NullMatcher INSTANCE = new NullMatcher();
}
