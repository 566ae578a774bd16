"""What an assistant is told about what is where."""

import pytest
from support.asked_broker import asked_broker
from support.assistants import assistant

ODD = "a/b `c` 🙂"


@pytest.fixture(scope="module")
def world():
    with asked_broker() as broker:
        happened = broker.happened
        for name, numbers in {"Shop": "12", "Orders": "7", ODD: "1", "Idle": "1"}.items():
            for number in numbers:
                happened.version(name, number)
        happened.deployed("Shop", "1", "production")
        happened.deployed("Shop", "2", "test")
        happened.deployed("Shop", "1", "test", "as", "blue")
        happened.released("Orders", "7", "production")
        happened.deployed(ODD, "1", "production")
        yield broker


def places(answer):
    return [
        (item["environment"], item["application"], item["version"], item["how"], item.get("instance"))
        for item in answer["data"]["versions"]["items"]
    ]


def test_everything_is_listed_by_environment(world):
    answer = world.ask("what_is_deployed")

    assert answer["summary"] == "5 versions of 3 applications in 2 environments."
    assert sorted(places(answer), key=str) == [
        ("production", "Orders", "7", "released", None),
        ("production", "Shop", "1", "deployed", None),
        ("production", ODD, "1", "deployed", None),
        ("test", "Shop", "1", "deployed", "blue"),
        ("test", "Shop", "2", "deployed", None),
    ]
    assert {item["name"]: item["production"] for item in answer["data"]["environments"]} == {
        "production": True,
        "test": False,
    }
    for url in (answer["links"]["environments"], *(item["page"] for item in answer["data"]["environments"])):
        world.page(url)


def test_one_environment_is_asked_about(world):
    answer = world.ask("what_is_deployed", environment="test")

    assert answer["summary"] == "2 versions in `test`: `Shop` `1` in `test`; `Shop` `2` in `test`."
    assert {place[0] for place in places(answer)} == {"test"}


def test_one_application_is_asked_about(world):
    answer = world.ask("what_is_deployed", pacticipant=ODD)

    assert answer["summary"] == (
        "1 version of `a/b 'c' 🙂` in 2 environments: `a/b 'c' 🙂` `1` in `production`."
    )


def test_an_application_that_is_nowhere_is_not_unknown(world):
    answer = world.ask("what_is_deployed", pacticipant="Idle")

    assert answer["summary"] == "Nothing of `Idle` is recorded as deployed or released in 2 environments."
    assert "tally record-deployment" in answer["next"][0]
    assert answer["data"]["versions"] == {"items": [], "total": 0}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"environment": "prodution"}, "environment: There is no environment `prodution`. Did you mean"),
        (
            {"pacticipant": "Shpo"},
            "no application `Shpo`. Did you mean `Shop`?",
        ),
        ({"pacticipant": "Shop", "page": 2}, "page 2 is not there"),
        ({"pacticipants": "Shop"}, "no parameter `pacticipants`. Did you mean pacticipant?"),
        ({"environment": ["test"]}, "environment"),
    ],
)
def test_what_is_not_there_is_no_empty_answer(world, arguments, why):
    assert why in world.refusal("what_is_deployed", **arguments)


def test_many_versions_come_in_pages():
    with asked_broker() as broker:
        for number in range(120):
            broker.happened.version(f"Service {number:03}", "1")
            broker.happened.deployed(f"Service {number:03}", "1", "test")

        pages = [broker.ask("what_is_deployed", environment="test", page=number) for number in (1, 2, 3)]

    assert [len(places(page)) for page in pages] == [50, 50, 20]
    assert len({place for page in pages for place in places(page)}) == 120


def test_without_environments_the_broker_says_that_it_does_not_know():
    with asked_broker() as broker:
        for item in broker.client.get("/environments").json["_embedded"]["environments"]:
            broker.client.delete(f"/environments/{item['uuid']}")

        answer = broker.ask("what_is_deployed")

    assert answer["summary"] == (
        "The broker knows no environment, so it does not know what is deployed anywhere."
    )


def test_the_protocol_says_the_same(world):
    with assistant("--broker-base-url", world.url) as asked:
        assert asked.call("what_is_deployed") == world.ask("what_is_deployed")
