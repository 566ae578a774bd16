"""Answers to can-i-deploy, as a broker gives them."""

FOR_PRODUCTION = ("-a", "Shop", "-e", "3", "--to-environment", "production")


def row(server, *, result, **extra):
    """A row of the matrix; *result* is True, False or None."""

    def participant(name, number):
        return {"name": name, "version": {"number": number} if number else None}

    verification = {"success": result, "_links": {"self": {"href": server.url("/results/9")}}}
    return {
        "consumer": participant("Shop", "3"),
        "provider": participant("Orders", "7" if result is not None else None),
        "pact": {"_links": {"self": {"href": server.url("/pacts/shop-orders")}}},
        "verificationResult": None if result is None else verification,
        **extra,
    }


def answer(rows, *, deployable, notices=(), **counts):
    return {
        "summary": {
            "deployable": deployable,
            "reason": "",
            "success": 0,
            "failed": 0,
            "unknown": 0,
            **counts,
        },
        "notices": [{"type": kind, "text": text} for kind, text in notices],
        "matrix": rows,
    }


def obstacle(**changes):
    """What our broker says of a pact without a result."""
    return {
        "problem": "missing",
        "since": "2026-11-01T10:00:00+00:00",
        "consumer": {"name": "Shop", "version": "3"},
        "provider": {"name": "Orders", "versions": ["7"]},
        "interactions": [],
        "webhooks": [],
        "underWay": None,
        "command": "tally verify http://broker/pact --provider-url URL --publish",
        "_links": {"pb:pact-version": {"href": "http://broker/pact"}},
        **changes,
    }


def explained(server, *obstacles):
    said = answer([row(server, result=None)], deployable=None, unknown=1)
    said["notices"] = [{"type": "error", "text": "It is missing."}, {"type": "prompt", "text": "Next: …"}]
    return {**said, "tally:explanation": list(obstacles)}
