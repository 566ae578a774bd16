package au.com.dius.pact.consumer.dsl;

import au.com.dius.pact.core.model.matchingrules.MatchingRule;
import java.math.BigDecimal;
import java.util.function.Consumer;

public class LambdaDslObject {
    public LambdaDslObject stringValue(String name, String value) {
        return this;
    }

    public LambdaDslObject stringType(String name, String example) {
        return this;
    }

    public LambdaDslObject stringType(String... names) {
        return this;
    }

    public LambdaDslObject stringMatcher(String name, String regex, String example) {
        Matchers.regexp(regex, example);
        return this;
    }

    public LambdaDslObject numberValue(String name, Number value) {
        return this;
    }

    public LambdaDslObject numberType(String name, Number example) {
        return this;
    }

    public LambdaDslObject integerType(String name, Integer example) {
        return this;
    }

    public LambdaDslObject decimalType(String name, BigDecimal example) {
        return this;
    }

    public LambdaDslObject decimalType(String name, Double example) {
        return this;
    }

    public LambdaDslObject booleanValue(String name, Boolean value) {
        return this;
    }

    public LambdaDslObject booleanType(String name, Boolean example) {
        return this;
    }

    public LambdaDslObject nullValue(String name) {
        return this;
    }

    public LambdaDslObject and(String name, Object value, MatchingRule... rules) {
        return this;
    }

    public LambdaDslObject object(String name, Consumer<LambdaDslObject> nested) {
        return nested(nested);
    }

    public LambdaDslObject array(String name, Consumer<LambdaDslJsonArray> nested) {
        nested.accept(new LambdaDslJsonArray());
        return this;
    }

    public LambdaDslObject eachLike(String name, Consumer<LambdaDslObject> nested) {
        return nested(nested);
    }

    public LambdaDslObject eachLike(String name, PactDslJsonRootValue value) {
        return this;
    }

    public LambdaDslObject minArrayLike(String name, Integer size, Consumer<LambdaDslObject> nested) {
        return nested(nested);
    }

    public LambdaDslObject minArrayLike(String name, Integer size, PactDslJsonRootValue value, int examples) {
        return this;
    }

    public LambdaDslObject minMaxArrayLike(
            String name, Integer least, Integer most, Consumer<LambdaDslObject> nested) {
        return nested(nested);
    }

    public LambdaDslObject minMaxArrayLike(
            String name, Integer least, Integer most, PactDslJsonRootValue value, int examples) {
        return this;
    }

    public LambdaDslObject eachArrayLike(String name, Consumer<LambdaDslJsonArray> nested) {
        return array(name, nested);
    }

    public LambdaDslObject eachArrayWithMinLike(
            String name, int examples, Integer size, Consumer<LambdaDslJsonArray> nested) {
        return array(name, nested);
    }

    public LambdaDslObject eachArrayWithMinMaxLike(
            String name, Integer least, Integer most, int examples, Consumer<LambdaDslJsonArray> nested) {
        return array(name, nested);
    }

    public LambdaDslObject eachKeyLike(String key, Consumer<LambdaDslObject> nested) {
        return nested(nested);
    }

    public LambdaDslObject eachKeyLike(String key, PactDslJsonRootValue value) {
        return this;
    }

    private LambdaDslObject nested(Consumer<LambdaDslObject> nested) {
        nested.accept(new LambdaDslObject());
        return this;
    }
}
