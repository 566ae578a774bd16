package au.com.dius.pact.consumer.dsl;

public abstract class Matcher {}
