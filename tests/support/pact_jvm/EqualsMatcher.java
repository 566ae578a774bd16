package au.com.dius.pact.core.model.matchingrules;

public class EqualsMatcher implements MatchingRule {
    public static final EqualsMatcher INSTANCE = new EqualsMatcher();
}
