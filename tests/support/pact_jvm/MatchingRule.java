package au.com.dius.pact.core.model.matchingrules;

public interface MatchingRule {}
