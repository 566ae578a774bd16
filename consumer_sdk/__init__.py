"""The consumer SDK: records interactions from unit tests."""
