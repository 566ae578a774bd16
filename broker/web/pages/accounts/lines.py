"""Fields with one thing on a line."""


def lines(text: str) -> list[str]:
    """Return what is on each line that is not empty."""
    return [line.strip() for line in text.split("\n") if line.strip()]
