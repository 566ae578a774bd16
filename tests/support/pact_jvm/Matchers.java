package au.com.dius.pact.consumer.dsl;

public final class Matchers {
    public static Matcher regexp(String expression, String value) {
        if (!java.util.regex.Pattern.compile(expression).matcher(value).matches()) {
            throw new IllegalArgumentException(value + " does not match " + expression);
        }
        return null;
    }

    public static Matcher string(String value) {
        return null;
    }

    public static Matcher date(String pattern, String value) {
        return null;
    }

    public static Matcher time(String pattern, String value) {
        return null;
    }

    public static Matcher timestamp(String pattern, String value) {
        return null;
    }
}
