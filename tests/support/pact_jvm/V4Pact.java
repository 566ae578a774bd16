package au.com.dius.pact.core.model;

public class V4Pact {}
