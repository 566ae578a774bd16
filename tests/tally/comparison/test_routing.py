import time

import pytest

from tally.comparison.routing import Nearness, Router
from tally.service_contract.model import HttpOperation


def an_operation(title, **more):
    method, _, path = title.partition(" ")
    return HttpOperation(title, method, path, **more)


def router_of(*titles):
    return Router(map(an_operation, titles))


PETS = router_of(
    "GET /pets",
    "POST /pets",
    "GET /pets/{id}",
    "GET /pets/mine",
    "GET /pets/{id}/toys/{toy}",
    "GET /files/{name}.json",
    "GET /files/{name}",
    "GET /compare/{base}...{head}",
    "GET /a b/{id}",
    "GET /any/*/thing",
    "GET /rest/**",
)


@pytest.mark.parametrize(
    ("request_line", "operation", "parameters"),
    [
        ("GET /pets", "GET /pets", {}),
        ("get /pets", "GET /pets", {}),
        ("GET /pets/7", "GET /pets/{id}", {"id": "7"}),
        ("GET /pets/mine", "GET /pets/mine", {}),
        ("GET /pets/mine/toys/ball", "GET /pets/{id}/toys/{toy}", {"id": "mine", "toy": "ball"}),
        ("GET /pets/a%2Fb", "GET /pets/{id}", {"id": "a/b"}),
        ("GET /pets/caf%C3%A9", "GET /pets/{id}", {"id": "café"}),
        ("GET /pets/50%", "GET /pets/{id}", {"id": "50%"}),
        ("GET /%70ets", "GET /pets", {}),
        ("GET /a%20b/1", "GET /a b/{id}", {"id": "1"}),
        ("GET /a b/1", "GET /a b/{id}", {"id": "1"}),
        ("GET /files/report.json", "GET /files/{name}.json", {"name": "report"}),
        ("GET /files/report.xml", "GET /files/{name}", {"name": "report.xml"}),
        ("GET /files/.json", "GET /files/{name}", {"name": ".json"}),
        ("GET /any/x/thing", "GET /any/*/thing", {"*": "x"}),
        ("GET /rest/a/b", "GET /rest/**", {}),
        ("GET /compare/v1...v2", "GET /compare/{base}...{head}", {"base": "v1", "head": "v2"}),
    ],
)
def test_a_request_is_for_the_operation_that_says_most_about_its_path(request_line, operation, parameters):
    method, _, path = request_line.partition(" ")

    route = PETS.route(method, path)

    assert (route.operation.id, route.parameters) == (operation, parameters)


@pytest.mark.parametrize(
    "request_line",
    [
        "DELETE /pets",
        "GET /pets/",
        "GET /Pets",
        "GET /pets/7/",
        "GET /pets//toys/x",
        "GET /",
        "GET /pets/7/8",
    ],
)
def test_a_method_case_or_slash_of_its_own_is_another_request(request_line):
    method, _, path = request_line.partition(" ")

    assert PETS.route(method, path) is None


def test_an_operation_with_a_parameter_serves_the_methods_that_a_literal_path_does_not_have():
    router = router_of("GET /pets/mine", "DELETE /pets/{id}")

    assert router.route("DELETE", "/pets/mine").operation.id == "DELETE /pets/{id}"


def test_every_operation_that_fits_can_be_had():
    router = router_of("GET /{kind}/mine", "GET /pets/{id}", "GET /{kind}/{id}")

    found = [route.operation.id for route in router.routes("GET", "/pets/mine")]

    assert found == ["GET /pets/{id}", "GET /{kind}/mine", "GET /{kind}/{id}"]


def test_paths_begin_with_the_base_path_of_the_document():
    router = Router([an_operation("GET /pets/{id}", base_path="/v1/")])

    assert router.route("GET", "/v1/pets/7").parameters == {"id": "7"}
    assert router.route("GET", "/pets/7") is None


def test_a_document_may_say_that_case_does_not_count():
    router = Router([an_operation("GET /Pets/{id}.JSON", ignores_case=True)])

    assert router.route("GET", "/pETS/Rex.json").parameters == {"id": "Rex"}


def test_servers_count_only_when_they_are_asked_for():
    operation = an_operation("GET /pets/{id}", servers=("/v1", "/{tenant}/v2/"))

    without, with_servers = Router([operation]), Router([operation], with_servers=True)

    assert without.route("GET", "/pets/7") is not None
    assert without.route("GET", "/v1/pets/7") is None
    assert with_servers.route("GET", "/pets/7") is None
    assert with_servers.route("GET", "/v1/pets/7").parameters == {"id": "7"}
    assert with_servers.route("GET", "/acme/v2/pets/7").parameters == {"tenant": "acme", "id": "7"}


@pytest.mark.parametrize(
    ("request_line", "operation", "nearness"),
    [
        ("DELETE /pets", "GET /pets", Nearness.METHOD),
        ("GET /pets/7/", "GET /pets/{id}", Nearness.SLASH),
        ("GET /Pets/7", "GET /pets/{id}", Nearness.CASE),
        ("GET /api/v1/pets", "GET /pets", Nearness.BASE_PATH),
        ("GET /pet/7", "GET /pets/{id}", Nearness.PATH),
        ("GET /pets/7/toys", "GET /pets/{id}/toys/{toy}", Nearness.PATH),
    ],
)
def test_a_request_without_a_route_is_told_the_operations_that_come_closest(
    request_line, operation, nearness
):
    method, _, path = request_line.partition(" ")

    misses = PETS.near_misses(method, path)

    assert 1 <= len(misses) <= 3
    assert (misses[0].operation.id, misses[0].nearness) == (operation, nearness)


def test_a_request_under_the_path_of_a_server_comes_close():
    router = Router([an_operation("GET /pets", base_path="/v2")])

    assert router.near_misses("GET", "/pets")[0].text == "GET /v2/pets (what the path begins with)"


def test_a_request_that_is_like_nothing_has_no_near_misses():
    assert router_of("GET /pets").near_misses("GET", "/invoices/2024/pdf") == ()


def test_hostile_templates_and_paths_take_no_time():
    template = "/" + "-".join(f"{{p{n}}}" for n in range(40)) + "!"
    router = Router(
        [an_operation(f"GET {template}"), *(an_operation(f"GET /a{n}/{{x}}") for n in range(2000))]
    )
    started = time.process_time()

    router.near_misses("GET", "/" + "-" * 5000)

    assert time.process_time() - started < 1
