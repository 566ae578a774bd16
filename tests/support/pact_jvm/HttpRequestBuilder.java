package au.com.dius.pact.consumer.dsl;

public class HttpRequestBuilder {
    public HttpRequestBuilder method(String method) {
        return this;
    }

    public HttpRequestBuilder path(String path) {
        return this;
    }

    public HttpRequestBuilder path(Matcher path) {
        return this;
    }

    public HttpRequestBuilder queryParameter(String key, Object value) {
        return this;
    }

    public HttpRequestBuilder header(String key, Object value) {
        return this;
    }

    public HttpRequestBuilder body(String body, String contentType) {
        return this;
    }

    public HttpRequestBuilder body(DslPart body) {
        return this;
    }
}
