"""The pages that a reader follows at a terminal, followed with the real programs."""

from pathlib import Path

import pytest
import requests
from support.factories import a_pact, an_interaction
from support.walkthrough import Command, Ended, pattern, steps_of, walk

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["tutorial.md", "retiring.md"]


def follow(page, tmp_path, broker=""):
    """Follow the page; every command prints what the page says, and none fails unless the page says so."""
    ended = []
    for each in walk(DOCS / page, tmp_path, broker):
        ended.append(each)
        assert each.is_as_written, (
            f"$ {each.command.line}\n{each.printed}\n(expected:)\n{each.command.printed}"
        )

    followed = [each.command.line for each in ended[1:]] + [""]
    failed_unsaid = [
        each.command.line
        for each, following in zip(ended, followed, strict=True)
        if each.code != 0 and following != "echo $?"
    ]
    assert failed_unsaid == [], "the page does not show that these fail"
    assert ended


@pytest.mark.slow
def test_the_tutorial_prints_what_it_says(tmp_path):
    follow("tutorial.md", tmp_path)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_the_page_on_retiring_shows_is_what_happens(live_broker, tmp_path):
    an_old_shop_a_shop_and_their_orders_service(live_broker)

    follow("retiring.md", tmp_path, live_broker)


def an_old_shop_a_shop_and_their_orders_service(broker):
    """Both shops have a pact with Orders: version 4 keeps both, version 5 that of the new shop alone."""
    http = requests.Session()
    for shop, version in (("Old shop", "7"), ("Shop", "2")):
        http.put(f"{broker}/pacticipants/{shop}/branches/main/versions/{version}", json={})
        pact = a_pact(an_interaction(description=f"a request of {shop}"), consumer=shop)
        url = f"{broker}/pacts/provider/Orders/consumer/{shop}/version/{version}"
        results = http.put(url, json=pact).json()["_links"]["pb:publish-verification-results"]["href"]
        for orders in ("4", "5"):
            result = {"providerApplicationVersion": orders, "success": (shop, orders) != ("Old shop", "5")}
            assert http.post(results, json=result).status_code == 201
    for name, applications in (("Old shop", {"consumer": "Old shop"}), ("Orders", {"provider": "Orders"})):
        webhook = {role: {"name": application} for role, application in applications.items()}
        webhook |= {"description": f"pacts of {name}", "events": [{"name": "contract_content_changed"}]}
        webhook |= {"request": {"method": "POST", "url": "https://ci.example.org/verify"}}
        assert http.post(f"{broker}/webhooks", json=webhook).status_code == 201
    environments = http.get(f"{broker}/environments").json()["_embedded"]["environments"]
    for environment in environments:
        for application, version in (("Orders", "4"), ("Shop", "2"), ("Old shop", "7")):
            url = f"{broker}/pacticipants/{application}/versions/{version}/deployed-versions/environment/"
            assert http.post(url + environment["uuid"], json={}).status_code == 201


@pytest.mark.parametrize("page", PAGES)
def test_no_command_of_the_page_is_outside_of_what_is_followed(page):
    text = (DOCS / page).read_text(encoding="utf-8")

    commands = [step for step in steps_of(DOCS / page) if isinstance(step, Command)]
    assert text.count("\n$ ") == len(commands)
    assert "```sh\n" not in text


@pytest.mark.parametrize(
    ("written", "printed", "same"),
    [
        ("Recorded.", "Recorded.", True),
        ("Recorded.", "Recorded twice.", False),
        ("in … s", "in 0.5 s", True),
        ("first\n…\nlast", "first\nsecond\nthird\nlast", True),
        ("first\n…\nlast", "first\nlast", True),
        ("first\n…", "first\nsecond", True),
        ("first\n…\nlast", "first\nsecond", False),
        ("a.c", "abc", False),
        ("", "anything", False),
    ],
)
def test_an_ellipsis_stands_for_anything_and_nothing_else_does(written, printed, same):
    assert Ended(Command("", written), printed).is_as_written is same
    assert (pattern(written).fullmatch(printed) is not None) is same
