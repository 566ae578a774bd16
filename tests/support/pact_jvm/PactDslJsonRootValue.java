package au.com.dius.pact.consumer.dsl;

import au.com.dius.pact.core.model.matchingrules.MatchingRule;

public class PactDslJsonRootValue extends DslPart {
    public static PactDslJsonRootValue stringType(String example) {
        return new PactDslJsonRootValue();
    }

    public static PactDslJsonRootValue stringMatcher(String regex, String example) {
        Matchers.regexp(regex, example);
        return new PactDslJsonRootValue();
    }

    public static PactDslJsonRootValue numberType(Number example) {
        return new PactDslJsonRootValue();
    }

    public static PactDslJsonRootValue decimalType(Double example) {
        return new PactDslJsonRootValue();
    }

    public static PactDslJsonRootValue booleanType(Boolean example) {
        return new PactDslJsonRootValue();
    }

    public static PactDslJsonRootValue and(Object example, MatchingRule... rules) {
        return new PactDslJsonRootValue();
    }
}
