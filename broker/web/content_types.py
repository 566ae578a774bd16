"""The content types that the API takes and answers with."""

HAL = "application/hal+json"
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
PLAIN = "text/plain"
PROBLEM = "application/problem+json"
EXTENDED = "application/vnd.pactbrokerextended.v1+json"
"""Documents with the tags of their version (reference §4.8, §7.2)."""
