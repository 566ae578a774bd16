package au.com.dius.pact.consumer.dsl;

import java.util.function.Consumer;

public final class LambdaDsl {
    public static LambdaDslJsonBody newJsonBody(Consumer<LambdaDslJsonBody> object) {
        LambdaDslJsonBody made = new LambdaDslJsonBody();
        object.accept(made);
        return made;
    }

    public static LambdaDslJsonArray newJsonArray(Consumer<LambdaDslJsonArray> array) {
        LambdaDslJsonArray made = new LambdaDslJsonArray();
        array.accept(made);
        return made;
    }

    public static LambdaDslJsonArray newJsonArrayMinLike(Integer size, Consumer<LambdaDslJsonArray> array) {
        return newJsonArray(array);
    }

    public static LambdaDslJsonArray newJsonArrayMinMaxLike(
            Integer least, Integer most, Consumer<LambdaDslJsonArray> array) {
        return newJsonArray(array);
    }
}
