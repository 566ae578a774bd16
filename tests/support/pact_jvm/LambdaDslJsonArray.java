package au.com.dius.pact.consumer.dsl;

import au.com.dius.pact.core.model.matchingrules.MatchingRule;
import java.math.BigDecimal;
import java.util.function.Consumer;

public class LambdaDslJsonArray {
    public DslPart build() {
        return new DslPart() {};
    }

    public LambdaDslJsonArray stringValue(String value) {
        return this;
    }

    public LambdaDslJsonArray stringType(String example) {
        return this;
    }

    public LambdaDslJsonArray stringMatcher(String regex, String example) {
        Matchers.regexp(regex, example);
        return this;
    }

    public LambdaDslJsonArray numberValue(Number value) {
        return this;
    }

    public LambdaDslJsonArray numberType(Number example) {
        return this;
    }

    public LambdaDslJsonArray integerType(Long example) {
        return this;
    }

    public LambdaDslJsonArray decimalType(BigDecimal example) {
        return this;
    }

    public LambdaDslJsonArray decimalType(Double example) {
        return this;
    }

    public LambdaDslJsonArray booleanValue(Boolean value) {
        return this;
    }

    public LambdaDslJsonArray booleanType(Boolean example) {
        return this;
    }

    public LambdaDslJsonArray nullValue() {
        return this;
    }

    public LambdaDslJsonArray and(Object value, MatchingRule... rules) {
        return this;
    }

    public LambdaDslJsonArray object(Consumer<LambdaDslObject> nested) {
        nested.accept(new LambdaDslObject());
        return this;
    }

    public LambdaDslJsonArray array(Consumer<LambdaDslJsonArray> nested) {
        nested.accept(new LambdaDslJsonArray());
        return this;
    }

    public LambdaDslJsonArray eachLike(Consumer<LambdaDslJsonBody> nested) {
        nested.accept(new LambdaDslJsonBody());
        return this;
    }

    public LambdaDslJsonArray eachLike(PactDslJsonRootValue value) {
        return this;
    }

    public LambdaDslJsonArray minArrayLike(Integer size, Consumer<LambdaDslJsonBody> nested) {
        return eachLike(nested);
    }

    public LambdaDslJsonArray minMaxArrayLike(Integer least, Integer most, Consumer<LambdaDslJsonBody> nested) {
        return eachLike(nested);
    }

    public LambdaDslJsonArray eachArrayLike(Consumer<LambdaDslJsonArray> nested) {
        return array(nested);
    }

    public LambdaDslJsonArray eachArrayWithMinLike(
            int examples, Integer size, Consumer<LambdaDslJsonArray> nested) {
        return array(nested);
    }

    public LambdaDslJsonArray eachArrayWithMinMaxLike(
            Integer least, Integer most, int examples, Consumer<LambdaDslJsonArray> nested) {
        return array(nested);
    }
}
