package au.com.dius.pact.consumer.dsl;

public class LambdaDslJsonBody extends LambdaDslObject {
    public DslPart build() {
        return new DslPart() {};
    }
}
