from dataclasses import replace

import pytest

from broker.domain.pacts.publication_plan import PublicationOutcome
from broker.domain.webhooks.delivery import seconds_until_next
from broker.domain.webhooks.events import (
    Event,
    PreviousContent,
    Requirement,
    content_changed,
    required_versions,
)
from broker.domain.webhooks.redaction import redacted, with_stored_secrets
from broker.domain.webhooks.request_rules import Allowed, broken_rules
from broker.domain.webhooks.triggers import LabelledIntegration, Trigger, fired_by
from broker.domain.webhooks.webhook import WebhookRequest

SCHEDULE = (10, 60, 120)
ALLOWED = Allowed(("POST",), ("https",))


def a_trigger(**changes):
    values = {
        "id": 1,
        "uuid": "a-hook-of-16-letters",
        "title": "a hook",
        "name": "POST ci.example.org",
        "receiver": "ci.example.org:443",
        "consumer_id": None,
        "consumer_label": None,
        "provider_id": None,
        "provider_label": None,
        "events": frozenset({Event.CONTRACT_PUBLISHED}),
    }
    return Trigger(**{**values, **changes})


INTEGRATION = LabelledIntegration(1, 2, ("team-a",), ("team-b", "http"))


@pytest.mark.parametrize(
    ("criteria", "fires"),
    [
        ({}, True),
        ({"consumer_id": 1}, True),
        ({"consumer_id": 2}, False),
        ({"provider_id": 2}, True),
        ({"provider_id": 1}, False),
        ({"consumer_id": 1, "provider_id": 2}, True),
        ({"consumer_id": 1, "provider_id": 1}, False),
        ({"consumer_label": "team-a"}, True),
        ({"consumer_label": "team-b"}, False),
        ({"provider_label": "http"}, True),
        ({"provider_label": "team-a"}, False),
        ({"consumer_label": "team-a", "provider_id": 1}, False),
        ({"events": frozenset({Event.CONTRACT_CONTENT_CHANGED})}, False),
    ],
)
def test_a_webhook_fires_when_its_event_and_both_its_criteria_match(criteria, fires):
    assert bool(fired_by(Event.CONTRACT_PUBLISHED, INTEGRATION, [a_trigger(**criteria)])) is fires


@pytest.mark.parametrize(
    ("outcome", "previous", "changed"),
    [
        (PublicationOutcome.CREATED, [PreviousContent(1, None)], True),
        (PublicationOutcome.CREATED, [PreviousContent(1, 2)], True),
        (PublicationOutcome.CREATED, [PreviousContent(1, 1)], False),
        (PublicationOutcome.CREATED, [PreviousContent(1, 1), PreviousContent(1, None)], True),
        (PublicationOutcome.UNCHANGED, [PreviousContent(1, None)], False),
        (PublicationOutcome.MERGED, [PreviousContent(1, 1)], True),
        (PublicationOutcome.OVERWRITTEN, [PreviousContent(1, 1)], True),
    ],
)
def test_content_changed_when_it_is_new_for_a_tag_or_replaces_other_content(outcome, previous, changed):
    assert content_changed(outcome, previous) is changed


def test_a_provider_version_is_required_once_with_all_its_reasons():
    found = [
        Requirement(1, "a", "latest from main branch", on_main_branch=True),
        Requirement(2, "b", "deployed in test", on_main_branch=False),
        Requirement(1, "a", "deployed in production", on_main_branch=False),
    ]

    first, second = required_versions(found)

    assert first.reasons == ("latest from main branch", "deployed in production")
    assert first.on_main_branch
    assert (second.number, second.on_main_branch) == ("b", False)


def test_attempts_follow_the_schedule_and_come_to_an_end():
    waits = [seconds_until_next(attempts, SCHEDULE) for attempts in (1, 2, 3, 4)]

    assert waits == [*SCHEDULE, None]


def test_what_may_be_secret_is_starred_unless_it_is_a_parameter():
    request = WebhookRequest(
        "POST",
        "https://ci.example.org",
        {"authorization": "Bearer x", "x-api-token": "${secret.ci}", "x-other": "shown"},
        username="me",
        password="mine",
    )

    shown = redacted(request)

    assert shown.headers == {"authorization": "**********", "x-api-token": "${secret.ci}", "x-other": "shown"}
    assert (shown.username, shown.password) == ("me", "**********")


STORED = WebhookRequest(
    "POST", "https://ci.example.org/a", {"authorization": "Bearer x", "x-rate": "5"}, password="mine"
)


@pytest.mark.parametrize(
    "url",
    [
        "https://ci.example.org/a",
        "https://ci.example.org/another?path=1#x",
        "https://ci.example.org:443",
        "HTTPS://CI.Example.ORG/a",
        "https://ci.example.org:/a",
    ],
)
@pytest.mark.parametrize("password", [None, "*", "**********"])
def test_stars_keep_what_is_stored_for_the_same_place(url, password):
    starred = WebhookRequest("POST", url, {"authorization": "****", "x-rate": "6"}, password=password)

    completed = with_stored_secrets(starred, STORED)

    assert completed.request == replace(
        starred, headers={"authorization": "Bearer x", "x-rate": "6"}, password="mine"
    )
    assert completed.dropped == ()


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("http://ci.example.org/a", {}),
        ("https://ci.example.org:444/a", {}),
        ("https://ci.example.org:80/a", {}),
        ("http://ci.example.org:443/a", {}),
        ("https://ci.example.com/a", {}),
        ("https://a.ci.example.org/a", {}),
        ("https://ci.example.org./a", {}),
        ("https://127.0.0.1/a", {}),
        ("https://ci.example.org/a", {"host": "another.example.org"}),
    ],
)
@pytest.mark.parametrize("password", [None, "*", "**********"])
def test_nothing_that_is_stored_goes_to_another_place(url, headers, password):
    starred = WebhookRequest(
        "POST", url, {**headers, "authorization": "****", "x-rate": "*", "x-new": "*"}, password=password
    )

    completed = with_stored_secrets(starred, STORED)

    assert completed.request == replace(starred, headers={**headers, "x-new": "*"}, password=None)
    assert completed.dropped == ("password", "header authorization", "header x-rate")


def test_what_is_given_again_goes_to_another_place():
    given = WebhookRequest("POST", "https://b.example.org", {"authorization": "Bearer y"}, password="new")

    completed = with_stored_secrets(given, STORED)

    assert (completed.request, completed.dropped) == (given, ())


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ci.example.org/hook", "is not a valid URL"),
        ("ftp://ci.example.org", "is not a valid URL"),
        ("https:///hook", "is not a valid URL"),
        ("https://ci.example.org:x/", "is not a valid URL"),
        ("https://ci.example.org/a b", "is not a valid URL"),
        ("https://[::1", "is not a valid URL"),
        ("https://${pactbroker.consumerName}.example.org", "template parameter in the host"),
        ("https://${user.site}/hook", "template parameter in the host"),
        ("https://ci.example.org${anything}/hook", "template parameter in the host"),
        ("https://ci.example.org:${secret.port}", "is not a valid URL"),
        ("https://me:mine@ci.example.org", "cannot have credentials"),
        ("http://ci.example.org", "must begin with https"),
    ],
)
def test_a_url_that_cannot_be_asked_is_refused(url, says):
    [(field, message)] = broken_rules(WebhookRequest("POST", url), ALLOWED)

    assert field == "url"
    assert says in message


@pytest.mark.parametrize(
    ("method", "says"), [("GET", "must be POST"), ("FETCH", "is not a recognised HTTP method")]
)
def test_a_method_that_is_not_allowed_is_refused(method, says):
    [(field, message)] = broken_rules(WebhookRequest(method, "https://ci.example.org"), ALLOWED)

    assert field == "method"
    assert says in message


@pytest.mark.parametrize(
    "headers", [{"a b": "x"}, {"content-length": "3"}, {"x-a": "b\r\nx-c: d"}, {"x-tally-signature": "me"}]
)
def test_a_header_that_cannot_be_sent_is_refused(headers):
    [(field, _)] = broken_rules(WebhookRequest("POST", "https://ci.example.org", headers), ALLOWED)

    assert field == "headers"
