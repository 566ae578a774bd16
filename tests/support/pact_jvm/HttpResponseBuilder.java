package au.com.dius.pact.consumer.dsl;

public class HttpResponseBuilder {
    public HttpResponseBuilder status(int status) {
        return this;
    }

    public HttpResponseBuilder header(String key, Object value) {
        return this;
    }

    public HttpResponseBuilder body(String body, String contentType) {
        return this;
    }

    public HttpResponseBuilder body(DslPart body) {
        return this;
    }
}
