"""Which statuses a consumer takes."""

from tally.pact import Response

_CLASSES = {
    "info": range(100, 200),
    "success": range(200, 300),
    "redirect": range(300, 400),
    "clientError": range(400, 500),
    "serverError": range(500, 600),
    "nonError": range(100, 400),
    "error": range(400, 600),
}
_UNSAID = 200


def statuses_of(response: Response) -> tuple[int, ...]:
    """Return the statuses that the consumer takes: that of the example first, then those of its rule."""
    example = _UNSAID if response.status is None else response.status
    found = [example]
    for rule in response.rules.status.rules if response.rules.status else ():
        said = rule.attributes.get("status")
        found += said if isinstance(said, list) else _CLASSES.get(str(said), ())
    return tuple(dict.fromkeys(found))
