package au.com.dius.pact.consumer.dsl;

import java.util.function.Function;

public class HttpInteractionBuilder {
    public HttpInteractionBuilder withRequest(Function<HttpRequestBuilder, HttpRequestBuilder> builder) {
        builder.apply(new HttpRequestBuilder());
        return this;
    }

    public HttpInteractionBuilder willRespondWith(Function<HttpResponseBuilder, HttpResponseBuilder> builder) {
        builder.apply(new HttpResponseBuilder());
        return this;
    }
}
