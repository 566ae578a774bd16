package au.com.dius.pact.consumer;

public interface MockServer {
    String getUrl();
}
