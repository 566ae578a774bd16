package au.com.dius.pact.consumer.junit5;

import au.com.dius.pact.core.model.PactSpecVersion;

public @interface PactTestFor {
    String providerName() default "";

    String pactMethod() default "";

    PactSpecVersion pactVersion() default PactSpecVersion.V4;
}
