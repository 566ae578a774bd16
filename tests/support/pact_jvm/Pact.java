package au.com.dius.pact.core.model.annotations;

public @interface Pact {
    String provider() default "";

    String consumer();
}
