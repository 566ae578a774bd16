package au.com.dius.pact.core.model;

public enum PactSpecVersion {
    V4
}
