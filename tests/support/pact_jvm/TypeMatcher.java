package au.com.dius.pact.core.model.matchingrules;

public class TypeMatcher implements MatchingRule {
    public static final TypeMatcher INSTANCE = new TypeMatcher();
}
