"""No secret gets into a draft or onto the terminal, and what was taken out is listed."""

import base64
import json
import re

import pytest
from support.har_files import an_entry

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl"
SECRET = "hunter2hunter2"


@pytest.fixture
def without(record_har, tmp_path):
    """Record an entry, and expect that a secret is neither in the draft nor printed; return what is."""

    def record(secret, entry):
        run, _ = record_har(entry)
        assert run.code == 0, run.err
        assert secret not in (tmp_path / "drafts/Shop-Orders.json").read_text()
        assert secret not in run.out + run.err
        return run.out

    return record


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("Authorization", f"Bearer {SECRET}", "Bearer REDACTED"),
        ("authorization", f"Basic {SECRET}", "Basic REDACTED"),
        ("Authorization", SECRET, "REDACTED"),
        ("Cookie", f"session={SECRET}; theme=dark", "session=REDACTED; theme=REDACTED"),
        ("X-Api-Key", SECRET, "REDACTED"),
        ("X-Auth-Token", SECRET, "REDACTED"),
        ("Ocp-Apim-Subscription-Key", SECRET, "REDACTED"),
        ("X-Custom", JWT, "REDACTED"),
    ],
)
def test_a_header_that_is_a_secret(drafted, name, value, kept):
    interaction = drafted(an_entry(headers={name: value}))

    assert interaction["request"]["headers"] == {name: [kept]}
    assert f"Redacted: request header {name}" in interaction["comments"]["text"]


def test_a_secret_in_the_address_of_a_redirect(without):
    location = f"https://shop.example.org/back?code={SECRET}&state=1"

    out = without(SECRET, an_entry(status=302, response_headers={"location": location}))

    assert "response header location" in out


def test_cookies_that_are_set_are_left_out_and_named(without):
    out = without(SECRET, an_entry(response_headers={"set-cookie": f"session={SECRET}; Path=/"}))

    assert "response header Set-Cookie (session), left out" in out


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"password": SECRET}, "$.password"),
        ({"apiKey": SECRET}, "$.apiKey"),
        ({"user": {"access_token": SECRET}}, "$.user.access_token"),
        ({"credentials": {"value": SECRET}}, "$.credentials.value"),
        ({"credentials": {"of": {"jo": SECRET}}}, "$.credentials.of.jo"),
        ({"credentials": {"all": [SECRET]}}, "$.credentials.all[*]"),
        ([{"client-secret": SECRET}], "$[*]['client-secret']"),
        ({"refreshTokens": [SECRET]}, "$.refreshTokens[*]"),
        ({"value": JWT}, "$.value"),
        ({"value": "sk_live_4eC39HqLyjWDarjt"}, "$.value"),
        ({"link": f"https://shop.example.org/reset?token={SECRET}"}, "$.link"),
        ({"link": f"https://shop.example.org/?key={SECRET}&code={SECRET}"}, "$.link"),
        ({"verification_code": SECRET}, "$.verification_code"),
        ({"url": f"https://jo:{SECRET}@example.org/"}, "$.url"),
        ({"log": f"password={SECRET} rejected"}, "$.log"),
        ({"next": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}, "$.next"),
        ({f"eyJhbGciOiJIUzI1NiJ9.{SECRET}.c2ln": 1}, "$"),
        ({"html": f'<form><input name="csrf_token" value="{SECRET}"></form>'}, "$.html"),
        ({"pem": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"}, "$.pem"),
    ],
)
@pytest.mark.parametrize("side", ["request", "response"])
def test_a_secret_in_json(without, body, place, side):
    posted = {"mimeType": "application/json", "text": json.dumps(body)}
    entry = an_entry("POST", posted=posted) if side == "request" else an_entry(answer=body)
    secret = next(
        word for word in (SECRET, JWT, "4eC39HqLyj", "9f86d081884c", "MIIE") if word in json.dumps(body)
    )

    assert f"{side} body {place}" in without(secret, entry)


@pytest.mark.parametrize("name", ["token", "api_key", "code", "sig", "user[password]"])
def test_a_secret_in_a_query_or_a_form(without, name):
    in_query = without(SECRET, an_entry(url=f"https://api.example.org/a?{name}={SECRET}"))
    assert f"query parameter {name}" in in_query


def test_a_parameter_that_is_a_token_itself(without):
    assert "query parameter REDACTED" in without(JWT, an_entry(url=f"https://api.example.org/a?{JWT}"))


def test_a_secret_in_a_form(without):
    posted = {"mimeType": "application/x-www-form-urlencoded", "text": f"user=jo&password={SECRET}"}

    assert "request body password" in without(SECRET, an_entry("POST", posted=posted))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text/plain", f"token: {SECRET}"),
        ("application/xml", f'<?xml version="1.0"?><a><password>{SECRET}</password></a>'),
        ("application/xml", f'<?xml version="1.0"?><a><w:Password Type="x">{SECRET}</w:Password></a>'),
        ("application/xml", f'<?xml version="1.0"?><a><token><![CDATA[{SECRET}]]></token></a>'),
        ("application/xml", f'<?xml version="1.0"?><a secret="{SECRET}"/>'),
        ("text/plain", f"Authorization: Bearer {SECRET}"),
        ("application/x-ndjson", f'{{"token": "{SECRET}"}}\n{{"token": "{SECRET}"}}'),
        ("application/json", f'{{"password": "{SECRET}"'),  # cut off, so it is no JSON
    ],
)
def test_a_secret_in_other_text(without, kind, text):
    without(SECRET, an_entry(answer=text, kind=kind))


@pytest.mark.parametrize(
    "path",
    [
        f"/orders;jsessionid={SECRET}",
        f"/sessions/{JWT}",
        f"/reset-token/{SECRET}",
        "/x/9f86d081884c7d659a2feaa0c55ad015",
    ],
)
def test_a_secret_in_a_path(without, path):
    assert "a part of the path" in without(
        re.split("[/=]", path)[-1], an_entry(url=f"https://api.example.org{path}")
    )


def test_credentials_in_an_address(without):
    without(SECRET, an_entry(url=f"https://jo:{SECRET}@api.example.org/a"))


def test_what_is_only_about_secrets_stays(drafted):
    about = {
        "token_type": "Bearer",
        "total_tokens": 12,
        "password_expires_at": "2026-01-05",
        "is_secret": True,
        "code": "DE",
        "key": "colour",
        "author": "Jo",
        "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    }

    assert drafted(an_entry(answer=about))["response"]["body"]["content"] == about


def test_a_number_that_is_a_secret_is_replaced_by_another_number(drafted):
    interaction = drafted(an_entry(answer={"credentials": {"pin": 4711, "factor": 4.7}}))

    assert interaction["response"]["body"]["content"] == {"credentials": {"pin": 1, "factor": 1.5}}


def test_elements_and_fields_that_are_no_secrets_stay(drafted):
    page = {"html": '<div>Tea</div><input name="colour" value="blue">'}

    assert drafted(an_entry(answer=page))["response"]["body"]["content"] == page


def test_the_terminal_says_when_nothing_was_redacted(record_har):
    run, _ = record_har(an_entry())

    assert "Redacted: nothing" in run.out


def test_a_binary_body_is_kept_with_a_warning(record_har):
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0").decode()
    run, document = record_har(an_entry(answer=png, kind="image/png", content={"encoding": "base64"}))

    body = document["interactions"][0]["response"]["body"]
    assert body == {"content": png, "contentType": "image/png", "encoded": "base64"}
    assert "is in the file as it was: look for secrets in it" in run.out
