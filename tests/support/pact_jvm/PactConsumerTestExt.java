package au.com.dius.pact.consumer.junit5;

public class PactConsumerTestExt {}
