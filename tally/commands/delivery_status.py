"""What became of a delivery of a webhook, in the words of the broker's pages."""

FAILED = "failure"
_WORDS = {
    "success": "delivered",
    FAILED: "failed",
    "retrying": "failed, and is tried again",
    "not_run": "not sent yet",
}


def in_words(status: str) -> str:
    """Return what a status of the API means."""
    return _WORDS.get(status, status)
