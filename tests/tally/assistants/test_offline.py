"""What an assistant is told from files alone, and which files its arguments cannot reach."""

import copy
import json
import os
import time
from pathlib import Path

import pytest
from support.assistant_worlds import ORDERS, an_order_request
from support.assistants import RefusedError, assistant, assistant_over_http, assistants_served
from support.factories import a_pact, an_interaction

from tally.assistants.compatibility.compatibility import check_compatibility
from tally.assistants.judging import process
from tally.assistants.service_contracts.comparisons import compare_pact
from tally.assistants.sources.files import Files
from tally.assistants.sources.sources import Sources
from tally.assistants.tool import Tool
from tally.assistants.usage.usage import may_i_remove, who_uses
from tally.errors import InvalidContractError

TOTAL = "GET /orders/{id} 200 $.total"
SECRET = "a-secret-of-this-machine"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with pacts, a contract, and what links and references lead out of it."""
    outer = tmp_path_factory.mktemp("outer")
    root = outer / "project"
    (root / "pacts").mkdir(parents=True)
    (outer / "secret.json").write_text(json.dumps({"type": "object", "title": SECRET}))
    reads = an_order_request("reads the total", id=7, total=3.5)
    write(root / "pacts/shop-orders.json", a_pact(reads))
    write(root / "pacts/desk-orders.json", a_pact(an_order_request("reads", id=7), consumer="Desk"))
    write(root / "openapi.json", ORDERS)
    (root / "link.json").symlink_to(outer / "secret.json")
    (root / "linked").symlink_to(outer, target_is_directory=True)
    os.mkfifo(root / "pipe.json")
    for name, reference in (
        ("up.json", "../secret.json"),
        ("through-link.json", "link.json"),
        ("through-folder.json", "linked/secret.json"),
        ("absolute.json", "/etc/passwd"),
        ("url.json", "file:///etc/passwd"),
        ("net.json", "http://127.0.0.1:9/a.json"),
        ("escaped.json", "%2e%2e/secret.json"),
    ):
        write(root / name, {"type": "object", "properties": {"a": {"$ref": reference}}})
    return root


def write(path: Path, document):
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.fixture(scope="module")
def asked(project):
    with started_in(project), assistant("--pacts", "pacts", "--contract", "openapi.json") as found:
        yield found


class started_in:  # noqa: N801 - reads as what it does
    """Work in a folder while an assistant is started."""

    def __init__(self, folder):
        self._folder = folder

    def __enter__(self):
        self._before = Path.cwd()
        os.chdir(self._folder)

    def __exit__(self, *_):
        os.chdir(self._before)


def test_who_uses_a_property_is_told_from_files(asked):
    answer = asked.call("who_uses", service="Orders", place=TOTAL)

    assert answer["summary"] == f"`Shop` uses `{TOTAL}` of `Orders`, by `openapi.json`."
    [user] = answer["data"]["users"]["items"]
    assert user["versions"] == [{"file": "pacts/shop-orders.json"}]
    assert answer["data"]["consumers_looked_at"] == ["Desk", "Shop"]


def test_what_no_pact_in_the_files_uses_is_listed(asked):
    answer = asked.call("who_uses", service="Orders")

    assert answer["summary"].startswith("No pact that was looked at uses 3 places of `Orders`")
    assert "DELETE /orders/{id}" in answer["data"]["unused"]["items"]
    with pytest.raises(RefusedError, match="name a broker"):
        asked.call("who_uses", service="Orders", version="1")


def test_files_never_prove_that_something_may_be_removed(asked):
    used = asked.call("may_i_remove", service="Orders", place=TOTAL)
    unused = asked.call("may_i_remove", service="Orders", place="DELETE /orders/{id}")

    assert used["data"]["may_remove"] is False
    assert unused["data"]["may_remove"] is None
    assert "files do not say whether there are other consumers" in unused["summary"]
    assert "--broker-base-url" in unused["next"][0]


def test_pacts_are_compared_with_the_contract_from_files(asked):
    answer = asked.call("compare_pact", consumer="Shop", provider="Orders")
    by_path = asked.call("compare_pact", pact="pacts/shop-orders.json", contract="openapi.json")

    assert answer["data"]["verdict"] == by_path["data"]["verdict"] == "compatible"
    assert answer["summary"].startswith(
        "Yes: the pact `pacts/shop-orders.json` and the contract `openapi.json`"
    )


def test_a_changed_contract_is_compared_with_the_one_in_the_file(asked):
    changed = copy.deepcopy(ORDERS)
    del changed["paths"]["/orders/{id}"]["delete"]
    changed["paths"]["/orders/{id}"]["get"]["responses"]["200"]["content"] = {}

    answer = asked.call("check_compatibility", service="Orders", new=json.dumps(changed))

    outcomes = {each["place"]: each for each in answer["data"]["changes"]["items"]}
    assert answer["data"]["verdict"] == "breaking"
    assert outcomes["DELETE /orders/{id}"]["used_by"] is None
    assert "others are not known" in outcomes["DELETE /orders/{id}"]["why_unknown"]
    used = next(each for each in answer["data"]["changes"]["items"] if each.get("used_by"))
    assert {user["consumer"] for user in used["used_by"]} == {"Desk", "Shop"}


def test_states_are_listed_from_files(asked):
    answer = asked.call("provider_states", provider="Orders")

    [state] = answer["data"]["states"]["items"]
    assert (state["name"], state["parameters"]) == ("an order exists", {"id": [7]})
    assert [each["versions"] for each in state["asked_by"]] == [
        [{"file": "pacts/desk-orders.json"}],
        [{"file": "pacts/shop-orders.json"}],
    ]


@pytest.mark.parametrize(
    ("tool", "arguments", "complaint"),
    [
        ("who_uses", {"service": "Ordres", "place": TOTAL}, "Did you mean `Orders`"),
        ("who_uses", {"service": "Orders", "place": TOTAL, "environment": "production"}, "files do not say"),
        ("who_uses", {"service": "Orders", "place": "GET /order/{id}"}, "no operation"),
        ("may_i_remove", {"service": "Orders", "place": TOTAL, "version": "1"}, "--broker-base-url"),
        ("compare_pact", {"consumer": "Shpo", "provider": "Orders"}, "Did you mean `Shop`"),
        ("compare_pact", {"consumer": "Shop", "provider": "Orders", "provider_version": "1"}, "at a broker"),
        ("compare_pact", {"consumer": "Shop", "provider": "Orders", "consumer_version": "1"}, "do not say"),
        ("check_compatibility", {"service": "Orders", "old_version": "1"}, "versions are at a broker"),
        ("provider_states", {"provider": "Orders", "branch": "main"}, "files do not say"),
        ("provider_states", {"provider": "Shop"}, "They have `Orders`"),
    ],
)
def test_what_files_do_not_say_is_refused(asked, tool, arguments, complaint):
    with pytest.raises(RefusedError, match=complaint):
        asked.call(tool, **arguments)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../secret.json",
        "pacts/../../secret.json",
        "link.json",
        "linked/secret.json",
        "linked/../secret.json",
        "~/secret.json",
        "file:///etc/passwd",
        "http://127.0.0.1:9/secret.json",
        "//127.0.0.1/secret.json",
        "-",
        "/dev/stdin",
        "/proc/self/environ",
        "pipe.json",
        "pacts",
        "no\0such",
        "x" * 5_000,
        "absent.json",
    ],
)
@pytest.mark.parametrize("parameter", ["pact", "contract"])
def test_no_path_leads_out_of_the_folder(asked, path, parameter):
    others = {"pact": "pacts/shop-orders.json", "contract": "openapi.json"} | {parameter: path}

    with pytest.raises(RefusedError, match=rf"^{parameter}") as refused:
        asked.call("compare_pact", **others)

    assert SECRET not in str(refused.value)
    assert "root:" not in str(refused.value)


@pytest.mark.parametrize(
    "name",
    [
        "up.json",
        "through-link.json",
        "through-folder.json",
        "absolute.json",
        "url.json",
        "net.json",
        "escaped.json",
    ],
)
def test_no_reference_leads_out_of_the_folder(asked, name):
    with pytest.raises(RefusedError, match=r"outside of the folders|Nothing is fetched") as refused:
        asked.call("check_compatibility", old=name, new='{"type": "object"}')

    assert SECRET not in str(refused.value)


def test_a_text_refers_to_no_files(asked):
    text = json.dumps({"type": "object", "properties": {"a": {"$ref": "openapi.json"}}})

    with pytest.raises(RefusedError, match=r"openapi\.json"):
        asked.call("check_compatibility", old=text, new=text)


def test_the_contract_that_is_named_at_the_start_refers_to_no_files_outside_either(project):
    document = copy.deepcopy(ORDERS)
    document["components"] = {"schemas": {"Secret": {"$ref": "../secret.json"}}}
    write(project / "leaking.json", document)

    with pytest.raises(InvalidContractError, match="outside of the folders that may be read"):
        Files((), [project / "leaking.json"]).service_contracts()


def test_the_home_folder_is_no_project(project):
    write(project / "plain.json", {"type": "object"})
    home = {"HOME": str(project)}
    with started_in(project), assistant("--contract", "openapi.json", **home) as at_home:
        with pytest.raises(RefusedError, match="may not be read"):
            at_home.call("check_compatibility", old="plain.json", new="plain.json")

        named = at_home.call("check_compatibility", old="openapi.json", new="openapi.json")

    assert named["data"]["verdict"] == "compatible"


def test_who_asks_over_http_names_no_paths(project, tmp_path):
    with (
        started_in(project),
        assistants_served("--contract", "openapi.json", log=tmp_path / "log") as address,
        assistant_over_http(address) as remote,
    ):
        for path in ("up.json", str(project / "up.json"), "openapi.yaml", "pacts/shop-orders.json"):
            with pytest.raises(RefusedError, match="may not be read"):
                remote.call("check_compatibility", old=path, new="{}")
        answer = remote.call("check_compatibility", service="Orders", new=json.dumps(ORDERS))

    assert answer["data"]["verdict"] == "compatible"


def test_a_pattern_that_explodes_does_not_hold_up_the_answer(asked):
    pact = a_pact(an_order_request("explodes", id=7, note="a" * 40 + "!"))
    contract = copy.deepcopy(ORDERS)
    schema = contract["paths"]["/orders/{id}"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    schema["properties"]["note"] = {"type": "string", "pattern": "^(a+)+(?=$)$"}
    begin = time.monotonic()

    answer = asked.call("compare_pact", pact=json.dumps(pact), contract=json.dumps(contract))

    assert time.monotonic() - begin < 40
    assert answer["data"]["verdict"] in {"incompatible", "unknown"}


def test_schemas_that_refer_to_each_other_do_not_hold_up_the_answer(asked):
    schemas = {
        f"S{number}": {"anyOf": [{"$ref": f"#/components/schemas/S{other}"} for other in range(30)]}
        for number in range(30)
    }
    contract = copy.deepcopy(ORDERS) | {"components": {"schemas": schemas}}
    content = contract["paths"]["/orders/{id}"]["get"]["responses"]["200"]["content"]
    content["application/json"]["schema"] = {"$ref": "#/components/schemas/S0"}
    pact = a_pact(an_order_request("explodes", id=7))
    begin = time.monotonic()

    with pytest.raises(RefusedError, match="combine too many alternatives"):
        asked.call("compare_pact", pact=json.dumps(pact), contract=json.dumps(contract))

    assert time.monotonic() - begin < 40


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[" * 20_000, "nested"),
        ("a: &a [x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n", "is no pact"),
        (
            "\n".join(
                f"k{number}: &a{number} [*a{number - 1}]" if number else "k0: &a0 [x]" for number in range(90)
            ),
            "^pact",
        ),
        ("!!python/object/apply:os.system ['true']\n- x", "not YAML"),
        ("{", "not valid JSON"),
        ("[]", "is no pact"),
    ],
)
def test_hostile_texts_are_refused_with_the_parameter(asked, text, complaint):
    with pytest.raises(RefusedError, match=complaint) as refused:
        asked.call("compare_pact", pact=text, contract="openapi.json")

    assert str(refused.value).startswith("pact")


def test_a_huge_pact_is_answered_within_the_limit(asked, project):
    interactions = [an_order_request(f"reads {number} " + "x" * 500, id=7) for number in range(6_000)]
    unfit = an_interaction("unfit", request={"method": "GET", "path": "/nowhere"})
    write(project / "huge.json", a_pact(*interactions, unfit))

    answer = asked.call("compare_pact", pact="huge.json", contract="openapi.json")

    assert answer["data"]["verdict"] in {"incompatible", "unknown"}
    assert answer["data"]["findings"]["items"][0]["interaction"] == "unfit"


@pytest.fixture(scope="module")
def heavy(tmp_path_factory):
    """Files that take a second to judge."""
    root = tmp_path_factory.mktemp("heavy")
    get = ORDERS["paths"]["/orders/{id}"]["get"]
    paths = {
        f"/orders{number}/{{id}}": {"get": {**get, "operationId": f"get{number}"}} for number in range(800)
    }
    write(root / "openapi.json", ORDERS | {"paths": ORDERS["paths"] | paths})
    write(root / "pact.json", a_pact(*(an_order_request(f"reads {each}", id=7) for each in range(3_000))))
    return Sources(None, Files([root / "pact.json"], [root / "openapi.json"]), root)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (compare_pact, {"consumer": "Shop", "provider": "Orders"}),
        (check_compatibility, {"old": "openapi.json", "new": "openapi.json"}),
        (who_uses, {"service": "Orders", "place": TOTAL}),
        (may_i_remove, {"service": "Orders", "place": TOTAL}),
    ],
)
def test_what_takes_too_long_is_unknown_and_the_next_question_is_answered(
    heavy, project, monkeypatch, function, arguments
):
    monkeypatch.setattr(process, "SECONDS", 0.02)

    late = Tool(function).call(heavy, arguments)

    monkeypatch.undo()
    assert late["summary"].lower().startswith(("unknown", "it is not known"))
    assert "longer than 0 seconds" in json.dumps(late)
    light = Sources(None, Files([project / "pacts"], [project / "openapi.json"]), project)
    assert "longer than" not in json.dumps(Tool(function).call(light, arguments))
