"""What can-i-deploy says of why not, and of what to do next."""

from support.matrix_answers import FOR_PRODUCTION, explained, obstacle


def test_an_explanation_becomes_the_next_step(tally_at, hal_server, matrix):
    called = {"name": "POST ci", "status": "retrying", "triggeredAt": "2026-11-01T10:00:01+00:00"}
    matrix.says(explained(hal_server, obstacle(webhooks=[called], underWay=True)))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert run.code == 1
    assert "Next: …" not in run.out
    assert run.out.endswith(
        "Next:\n"
        "  Orders 7 has to verify the pact of Shop 3, published 2026-11-01T10:00:00+00:00.\n"
        "  Webhook POST ci: retrying, triggered 2026-11-01T10:00:01+00:00\n"
        "  Where Orders runs:\n"
        "    tally verify http://broker/pact --provider-url URL --publish\n"
    )


def test_of_many_failures_the_first_are_shown(tally_at, hal_server, matrix):
    problems = [f"body $.items[{number}]: is wrong" for number in range(5)]
    failed = [{"description": f"a request {number}", "problems": problems} for number in range(12)]
    matrix.says(explained(hal_server, obstacle(problem="failed", interactions=failed)))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert (
        "    a request 0: body $.items[0]: is wrong; body $.items[1]: is wrong; body $.items[2]: is wrong; "
        "and 2 more\n"
    ) in run.out
    assert "a request 9:" in run.out
    assert "a request 10:" not in run.out
    assert "\n    and 2 more\n" in run.out


def test_a_failure_is_explained_by_its_interactions(tally_at, hal_server, matrix):
    failed = {"description": "a request for order 1", "problems": ["body $.id: expected 1, was 2"]}
    links = {"pb:verification-result": {"href": "http://broker/results/9"}}
    matrix.says(
        explained(hal_server, obstacle(problem="failed", interactions=[failed], underWay=False, _links=links))
    )

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert (
        "  Orders 7 does not keep the pact of Shop 3, since 2026-11-01T10:00:00+00:00:\n"
        "    a request for order 1: body $.id: expected 1, was 2\n"
        "    http://broker/results/9\n"
    ) in run.out
