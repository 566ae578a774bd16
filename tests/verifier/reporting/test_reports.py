"""What reports say, and what they keep to themselves."""

import json

import pytest
from support.factories import a_pact, an_interaction

from verifier.contents.json_values import jsonable
from verifier.reporting.curl import curl_line
from verifier.reporting.wording import shortened, status_line
from verifier.results.result import Sent


def test_no_colour_is_written_into_a_file(provider, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url)

    assert "\x1b" not in ended.stdout


def test_credentials_are_never_shown(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", status=401, Set_Cookie="session=secret-3")
    request = {"method": "GET", "path": "/orders/1", "headers": {"Cookie": "id=secret-1"}}
    pact = pact_file(a_pact(an_interaction(request=request)))
    options = ("--provider-url", provider.url, "--header", "Authorization: Bearer secret-2")

    text, document = tally_verify(pact, *options), tally_verify(pact, *options, "--output", "json")

    assert provider.asked[0].headers["Authorization"] == "Bearer secret-2"
    assert "[redacted]" in text.stdout
    assert "secret" not in text.stdout + document.stdout


@pytest.fixture
def wrong_in_every_item(provider, pact_file):
    """A pact whose provider answers 20 items that are all wrong in the same way."""
    provider.on("GET", "/orders/1", [{"id": 1, "status": "paid"}] * 20)
    regex = {"matchers": [{"match": "regex", "regex": "open"}]}
    response = {
        "status": 200,
        "body": [{"id": 1, "status": "open"}],
        "matchingRules": {"body": {"$": {"matchers": [{"match": "type"}]}, "$[*].status": regex}},
    }
    return pact_file(a_pact(an_interaction(providerStates=[], response=response)))


def test_what_is_wrong_at_many_places_is_said_once(
    provider, tally_verify, wrong_in_every_item, page, tmp_path
):
    file = tmp_path / "report.html"

    ended = tally_verify(wrong_in_every_item, "--provider-url", provider.url, "--html", file)

    others = "The same at $[1].status, $[2].status, $[3].status, $[4].status, $[5].status and 14 more places"
    failures, _ = ended.stdout.split("What failed, or was not checked:")
    assert failures.count("matches /open/") == 1
    assert others in ended.stdout
    assert "⋮ and more: --html FILE shows them all" in ended.stdout
    page.goto(file.as_uri())
    assert page.locator(".mismatches li").count() == 1
    assert others in page.inner_text(".mismatches")
    assert page.locator(".differs").count() == 20


def test_a_text_that_differs_is_shown_side_by_side(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", b"Ink 4.50\nPaper 3.00\n", Content_Type="text/plain")
    response = {"status": 200, "headers": {"Content-Type": "text/plain"}, "body": "Ink 4.50\nPaper 3.20\n"}
    pact = pact_file(a_pact(an_interaction(providerStates=[], response=response)))

    ended = tally_verify(pact, "--provider-url", provider.url)

    (marked,) = [line for line in ended.stdout.splitlines() if line.startswith("   ✗")]
    assert marked.split() == ["✗", "Paper", "3.20", "Paper", "3.00"]


def test_numbers_and_characters_that_no_format_holds_are_reported_all_the_same(
    provider, tally_verify, pact_file, tmp_path
):
    provider.on("GET", "/orders/1", b'{"id": 123456789012345678901234567890, "half": "\\ud83d"}')
    response = {"status": 200, "body": {"id": 2**70, "half": "\ud83c"}}
    request = {"method": "POST", "path": "/orders", "body": {"id": 2**70, "half": "\ud83d"}}
    pact = pact_file(
        a_pact(
            an_interaction("half \ud83d", response=response),
            an_interaction("sent", request=request, response=response),
        )
    )
    files = [tmp_path / f"report.{kind}" for kind in ("json", "xml", "html")]
    options = (f"--{name}={file}" for name, file in zip(("json", "junit", "html"), files, strict=True))

    ended = tally_verify(pact, "--provider-url", provider.url, "--github", *options)

    assert ended.exit_code == 1
    assert "123456789012345678901234567890" in ended.stdout
    assert "half �" in ended.stdout
    document = json.loads(files[0].read_text())
    assert document["contracts"][0]["results"][0]["mismatches"]
    assert json.loads(provider.asked[-1].body) == {"id": 2**70, "half": "\ud83d"}


def test_a_long_text_is_cut_and_says_so():
    assert shortened("12345", 5) == "12345"
    assert shortened("1234567", 5) == "12345… (2 more characters)"


def test_a_binary_answer_is_reported_by_its_length_and_kept_in_json(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", b"\x89PNG\xff", Content_Type="image/png")
    pact = pact_file(a_pact())

    text = tally_verify(pact, "--provider-url", provider.url)
    document = tally_verify(pact, "--provider-url", provider.url, "--output", "json")

    assert "(5 bytes that are not text)" in text.stdout
    assert document.json["contracts"][0]["results"][0]["response"]["bodyBase64"] == "iVBOR/8="


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (Sent("GET", "http://p/a"), "curl -i http://p/a"),
        (Sent("HEAD", "http://p/a"), "curl -i --head http://p/a"),
        (Sent("DELETE", "http://p/a"), "curl -i -X DELETE http://p/a"),
        (
            Sent("PUT", "http://p/a?b=c&d", (("X-A", "it's"),), b'{"a": 1}'),
            """curl -i -X PUT 'http://p/a?b=c&d' -H 'X-A: it'"'"'s' --data-raw '{"a": 1}'""",
        ),
        (Sent("PUT", "http://p/a", (), b"\xff"), "curl -i -X PUT http://p/a --data-binary @the-binary-body"),
    ],
)
def test_a_request_can_be_reproduced_in_a_shell(sent, line):
    assert curl_line(sent) == line


def test_a_contract_cannot_steer_the_terminal(provider, tally_verify, pact_file):
    pact = a_pact(an_interaction("\x1b[2Jclear \x9b1m the screen\r"), consumer="Sh\x07op")
    provider.on("GET", "/orders/1", b"\x1b[31mred\x1b[0m", Content_Type="text/plain")

    ended = tally_verify(pact_file(pact), "--provider-url", provider.url)

    assert {character for character in ended.stdout if not character.isprintable()} == {"\n"}


def test_a_status_without_a_name_is_a_number():
    assert status_line(404) == "404 Not Found"
    assert status_line(599) == "599"


def test_every_value_that_was_compared_can_be_reported_as_json():
    values = {"bytes": b"\xff", 1: (None, 1.5, True), "set": {"a"}}

    assert jsonable(values) == {"bytes": "1 byte (ff)", "1": [None, 1.5, True], "set": "{'a'}"}


def test_the_json_report_holds_everything(hal_broker, provider, verify_from_broker):
    provider.on("GET", "/orders/1", {"id": 1, "status": "lost"})
    hal_broker.offers(
        a_pact({**an_interaction(), "_id": "id-1"}),
        notices=[{"when": "before_verification", "text": "Wanted"}],
    )

    ended = verify_from_broker("--output", "json", "--publish", "--provider-version", "1")

    report = ended.json
    assert (report["passed"], report["exitCode"], ended.exit_code) == (False, 1, 1)
    assert report["summary"] == {"passed": 0, "failed": 1, "flaky": 0, "pending": 0, "not-checked": 0}
    assert report["durationMs"] > 0
    (contract,) = report["contracts"]
    assert (contract["consumer"], contract["provider"], contract["published"]) == ("Shop", "Orders", True)
    assert contract["notices"][0] == {"when": "before_verification", "text": "Wanted"}
    (result,) = contract["results"]
    assert (result["interactionId"], result["outcome"], result["failure"]) == ("id-1", "failed", "mismatch")
    assert result["states"] == [{"name": "an order exists", "params": {"id": 1}}]
    assert result["request"]["url"] == f"{provider.url}/orders/1"
    assert json.loads(result["response"]["body"]) == {"id": 1, "status": "lost"}
    assert [mismatch["identifier"] for mismatch in result["mismatches"]] == ["$.status"]


def test_the_json_report_of_a_run_that_could_not_be_is_json_too(tally_verify, provider):
    ended = tally_verify("no-such-file.json", "--provider-url", provider.url, "--output", "json")

    assert ended.exit_code == 2
    assert ended.json["passed"] is False
    assert "there is no such file" in ended.json["error"]
    assert "there is no such file" in ended.stderr


def test_bodies_stand_side_by_side_and_of_long_ones_what_is_near_a_difference(
    provider, tally_verify, pact_file
):
    body = {f"key {number}": number for number in range(60)}
    response = {"status": 200, "body": body}
    provider.on("GET", "/orders/1", {**body, "key 30": "x"})
    long = pact_file(a_pact(an_interaction(response=response)))

    ended = tally_verify(long, "--provider-url", provider.url)

    below = ended.stdout.partition("expected body")[2].splitlines()
    assert below[0].strip() == "received body"
    (marked,) = [line for line in below if line.startswith("   ✗")]
    assert marked.split() == ["✗", '"key', '30":', "30", '"key', '30":', '"x"']
    assert '"key 28": 28' in ended.stdout
    assert '"key 20": 20' not in ended.stdout
    assert sum("⋮" in line for line in below) == 2


def test_a_short_body_is_shown_as_a_whole(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", {"error": "no"})

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url)

    assert '"error": "no"' in ended.stdout
    assert "⋮" not in ended.stdout


def test_comments_of_an_interaction_and_the_name_of_its_test_are_printed(keeping, tally_verify, pact_file):
    comments = {"text": ["comment one", "comment two"], "testname": "test_orders.py::test_x", "tags": ["a"]}
    pact = a_pact(
        an_interaction(type="Synchronous/HTTP", comments=comments),
        metadata={"pactSpecification": {"version": "4.0"}},
    )

    ended = tally_verify(pact_file(pact), "--provider-url", keeping.url)

    lines = [line.strip() for line in ended.stdout.splitlines()]
    assert {"comment one", "comment two", "Test: test_orders.py::test_x"} <= set(lines)
