package au.com.dius.pact.consumer.dsl;

import au.com.dius.pact.core.model.V4Pact;
import java.util.Map;
import java.util.function.Function;

public class PactBuilder {
    public PactBuilder given(String state) {
        return this;
    }

    public PactBuilder given(String state, Map<String, Object> params) {
        return this;
    }

    public PactBuilder expectsToReceiveHttpInteraction(
            String description, Function<HttpInteractionBuilder, HttpInteractionBuilder> builder) {
        builder.apply(new HttpInteractionBuilder());
        return this;
    }

    public V4Pact toPact() {
        return new V4Pact();
    }
}
