import pytest
from support.comparison_documents import JSON, a_pact, an_api, asking, described, ref, schemas, taking

NUMBER = {"type": "integer"}
INTEGERS = {"type": "array", "items": {"type": "integer"}}
COLOUR = {"type": "object", "properties": {"r": {"type": "integer"}, "g": {"type": "string"}}}


def verdict_of(compared, document, interaction, **more):
    (found,) = compared(a_pact(interaction, **more), document)["interactions"]
    return found["verdict"]


def codes_of(compared, document, interaction):
    (found,) = compared(a_pact(interaction), document)["interactions"]
    return [each["code"] for each in found["findings"] if each["question"] == "possible"]


QUERIES = an_api(
    {
        "/text": taking(
            {"name": "name", "required": True, "schema": {"type": "string"}},
            {"name": "age", "schema": {"type": "number"}},
        ),
        "/exploded": taking({"name": "id", "schema": INTEGERS}),
        "/joined": taking({"name": "id", "schema": INTEGERS, "explode": False}),
        "/pipes": taking({"name": "id", "schema": INTEGERS, "style": "pipeDelimited", "explode": False}),
        "/spaces": taking({"name": "id", "schema": INTEGERS, "style": "spaceDelimited", "explode": False}),
        "/deep": taking({"name": "f", "schema": COLOUR, "style": "deepObject", "required": True}),
        "/object": taking({"name": "c", "schema": COLOUR}),
        "/deeper": taking(
            {
                "name": "f",
                "style": "deepObject",
                "schema": {
                    "type": "object",
                    "properties": {"ids": INTEGERS, "in": {"type": "object", "properties": {"n": INTEGERS}}},
                },
            }
        ),
        "/free": taking(
            {"name": "f", "schema": {"type": "object", "additionalProperties": {"type": "integer"}}}
        ),
        "/pair": taking({"name": "c", "schema": COLOUR, "explode": False}),
        "/json": taking({"name": "j", "content": {JSON: {"schema": COLOUR}}}),
        "/flag": taking({"name": "b", "schema": {"type": "boolean"}}),
        "/empty": taking({"name": "b", "schema": {"type": "boolean"}, "allowEmptyValue": True}),
        "/one-of": taking({"name": "e", "schema": {"enum": ["a", "b"]}}),
        "/day": taking({"name": "d", "schema": {"type": "string", "format": "date"}}),
        "/either": taking({"name": "x", "schema": {"anyOf": [{"type": "integer"}, {"enum": ["all"]}]}}),
    }
)


@pytest.mark.parametrize(
    ("path", "query", "verdict"),
    [
        ("/text", "name=m&age=1.5", "ok"),
        ("/text", "name=m&age=", "error"),
        ("/text", "name=m&other=x", "warning"),
        ("/text", "", "error"),
        ("/text", "name=7", "ok"),
        ("/exploded", "id=1&id=2", "ok"),
        ("/exploded", "id=1", "ok"),
        ("/exploded", "id=1&id=x", "error"),
        ("/joined", "id=1,2", "ok"),
        ("/joined", "id=1,x", "error"),
        ("/pipes", "id=1|2", "ok"),
        ("/pipes", "id=1|x", "error"),
        ("/spaces", "id=1%202", "ok"),
        ("/deep", "f[r]=1&f[g]=x", "ok"),
        ("/deep", "f[r]=x", "error"),
        ("/deep", "", "error"),
        ("/object", "r=1&g=x", "ok"),
        ("/object", "r=x", "error"),
        ("/deeper", "f[ids][]=1&f[ids][]=2", "ok"),
        ("/deeper", "f[ids][]=x", "error"),
        ("/deeper", "f[in][n]=1&f[in][n]=2", "ok"),
        ("/free", "a=1", "ok"),
        ("/pair", "c=r,1,g,x", "ok"),
        ("/pair", "c=r,x", "error"),
        ("/json", "j=%7B%22r%22%3A1%7D", "ok"),
        ("/json", "j=%7B%22r%22%3A%22x%22%7D", "error"),
        ("/flag", "b=true", "ok"),
        ("/flag", "b=yes", "error"),
        ("/flag", "b=", "error"),
        ("/empty", "b=", "ok"),
        ("/empty", "b", "ok"),
        ("/empty", "b=yes", "error"),
        ("/one-of", "e=c", "error"),
        ("/day", "d=2024-01-01", "ok"),
        ("/day", "d=yesterday", "error"),
        ("/either", "x=7", "ok"),
        ("/either", "x=all", "ok"),
        ("/either", "x=none", "error"),
    ],
)
def test_queries_are_read_by_their_style_and_schema(compared, path, query, verdict):
    assert verdict_of(compared, QUERIES, asking(f"GET {path}", query=query)) == verdict


def in_path(schema, **more):
    return taking({"name": "id", "required": True, "schema": schema, **more}, location="path")


PATHS = an_api(
    {
        "/text/{id}": in_path({"type": "string"}),
        "/number/{id}": in_path({"type": "integer"}),
        "/list/{id}": in_path(INTEGERS),
        "/object/{id}": in_path(COLOUR, explode=True),
        "/pairs/{id}": in_path(COLOUR),
        "/matrix/{id}": in_path(INTEGERS, style="matrix"),
        "/matrices/{id}": in_path(INTEGERS, style="matrix", explode=True),
        "/label/{id}": in_path(INTEGERS, style="label"),
        "/labels/{id}": in_path(COLOUR, style="label", explode=True),
    }
)


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("/text/a,b,c", "ok"),
        ("/number/7", "ok"),
        ("number/7", "ok"),
        ("/number/x", "error"),
        ("/list/1,2", "ok"),
        ("/list/1,x", "error"),
        ("/object/r=1,g=x", "ok"),
        ("/object/r=x,g=x", "error"),
        ("/pairs/r,1,g,x", "ok"),
        ("/pairs/r,x", "error"),
        ("/matrix/;id=1,2", "ok"),
        ("/matrix/;id=1,x", "error"),
        ("/matrices/;id=1;id=2", "ok"),
        ("/label/.1,2", "ok"),
        ("/labels/.r=1.g=x", "ok"),
        ("/labels/.r=x", "error"),
        ("/other", "error"),
    ],
)
def test_paths_are_read_by_their_style_and_schema(compared, path, verdict):
    assert verdict_of(compared, PATHS, asking(f"GET {path}")) == verdict


def test_the_operation_whose_parameter_takes_the_value_is_the_one(compared):
    document = an_api(
        {
            "/{n}/items": taking(
                {"name": "n", "required": True, "schema": {"type": "integer"}}, location="path"
            ),
            "/{name}/{kind}": taking(
                {"name": "name", "required": True, "schema": {"type": "string"}},
                {"name": "kind", "required": True, "schema": {"type": "string"}},
                location="path",
            ),
        }
    )

    assert verdict_of(compared, document, asking("GET /x/items")) == "ok"


def test_a_path_that_is_not_there_is_told_with_the_closest(compared):
    (found,) = compared(a_pact(asking("GET /texts/1")), PATHS)["interactions"]

    assert found["findings"][0]["code"] == "request.path-or-method.unknown"
    assert "the closest are GET /text/{id}" in found["findings"][0]["text"]


def test_servers_count_when_they_are_asked_for(compared):
    document = an_api({"/text/{id}": in_path({"type": "string"})}, servers=[{"url": "https://x.example/v1"}])
    pact = a_pact(asking("GET /v1/text/1"))

    assert compared(pact, document)["verdict"] == "incompatible"
    assert compared(pact, document, with_servers=True)["verdict"] == "compatible"


HEADERS = an_api(
    {
        "/": {
            "get": {
                "parameters": [
                    {"in": "header", "name": "X-Count", "required": True, "schema": {"type": "integer"}},
                    {"in": "header", "name": "X-List", "schema": INTEGERS},
                    {"in": "cookie", "name": "session", "schema": {"type": "string", "minLength": 3}},
                ],
                "responses": {"200": described(), "400": described()},
            }
        }
    }
)


@pytest.mark.parametrize(
    ("headers", "status", "codes"),
    [
        ({"x-count": "1"}, 200, []),
        ({"X-Count": "x"}, 200, ["request.header.incompatible"]),
        ({}, 200, ["request.header.incompatible"]),
        ({}, 400, []),
        ({"X-Count": "x", "Unknown": "1"}, 400, []),
        ({"X-Count": "1", "X-List": "1, 2"}, 200, []),
        ({"X-Count": "1", "X-List": "1, x"}, 200, ["request.header.incompatible"]),
        ({"X-Count": "1", "X-Unknown": "1"}, 200, ["request.header.unknown"]),
        ({"X-Count": "1", "User-Agent": "x", "If-None-Match": "y", "Max-Forwards": "1"}, 200, []),
        ({"X-Count": "1", "Cookie": "a=b; session=abc"}, 200, []),
        ({"X-Count": "1", "Cookie": "session=ab"}, 200, ["request.cookie.incompatible"]),
    ],
)
def test_headers_and_cookies_are_read_by_their_schema(compared, headers, status, codes):
    assert codes_of(compared, HEADERS, asking("GET /", status, headers=headers)) == codes


def secured(*security):
    return {"get": {"security": list(security), "responses": {"200": described(), "401": described()}}}


SECURED = an_api(
    {
        "/basic": secured({"Basic": []}),
        "/bearer": secured({"Bearer": []}),
        "/key": secured({"Key": []}),
        "/query": secured({"Query": []}),
        "/cookie": secured({"Cookie": []}),
        "/both": secured({"Basic": [], "Key": []}),
        "/either": secured({"Basic": []}, {"Key": []}),
        "/optional": secured({}, {"Key": []}),
        "/none": secured(),
        "/token": secured({"OAuth": ["read"]}),
        "/default": {"get": {"responses": {"200": described()}}},
    },
    security=[{"Basic": []}],
    components={
        "securitySchemes": {
            "Basic": {"type": "http", "scheme": "basic"},
            "Bearer": {"type": "http", "scheme": "bearer"},
            "Key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "Query": {"type": "apiKey", "in": "query", "name": "Key"},
            "Cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
            "OAuth": {"type": "oauth2", "flows": {}},
        }
    },
)
BASIC = {"Authorization": "BaSiC x"}


@pytest.mark.parametrize(
    ("path", "request_", "codes"),
    [
        ("/basic", {"headers": BASIC}, []),
        ("/basic", {"headers": {"Authorization": "Bearer x"}}, ["request.authorization.missing"]),
        ("/bearer", {"headers": {"authorization": "Bearer x"}}, []),
        ("/bearer", {}, ["request.authorization.missing"]),
        ("/key", {"headers": {"x-key": "1"}}, []),
        ("/key", {}, ["request.authorization.missing"]),
        ("/query", {"query": "Key=1"}, []),
        ("/query", {"query": "key=1"}, ["request.authorization.missing", "request.query.unknown"]),
        ("/cookie", {"headers": {"Cookie": "sid=1"}}, []),
        ("/cookie", {"headers": {"Cookie": "other=1"}}, ["request.authorization.missing"]),
        ("/both", {"headers": {**BASIC, "X-Key": "1"}}, []),
        ("/both", {"headers": BASIC}, ["request.authorization.missing"]),
        ("/either", {"headers": {"X-Key": "1"}}, []),
        ("/either", {}, ["request.authorization.missing"]),
        ("/optional", {}, []),
        ("/none", {}, []),
        ("/default", {}, ["request.authorization.missing"]),
        ("/token", {}, ["request.authorization.unknown"]),
        ("/token", {"headers": {"Authorization": "Bearer x"}}, []),
    ],
)
def test_one_group_of_credentials_has_to_be_there_in_whole(compared, path, request_, codes):
    assert codes_of(compared, SECURED, asking(f"GET {path}", **request_)) == codes


def test_a_request_without_credentials_may_be_refused(compared):
    assert codes_of(compared, SECURED, asking("GET /basic", 401)) == []


LOGIN = {
    "type": "object",
    "required": ["email", "password"],
    "properties": {
        "email": {"type": "string"},
        "password": {"type": "string"},
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


def bodies(*, required):
    content = {kind: {"schema": ref("Login")} for kind in (JSON, FORM, PARTS)}
    responses = {"201": described(), "400": described()}
    return {"post": {"requestBody": {"required": required, "content": content}, "responses": responses}}


BODIES = an_api(
    {
        "/login": bodies(required=True),
        "/optional": bodies(required=False),
        "/none": {"post": {"responses": {"201": described()}}},
        "/null": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {JSON: {"schema": {"type": "object", "nullable": True}}},
                },
                "responses": {"201": described()},
            }
        },
        "/versions": {
            "post": {
                "requestBody": {
                    "content": {
                        f"{JSON};version=1": {"schema": {"type": "object", "required": ["one"]}},
                        f"{JSON};version=2": {"schema": {"type": "object", "required": ["two"]}},
                    }
                },
                "responses": {"201": described()},
            }
        },
        "/encoded": {
            "post": {
                "requestBody": {
                    "content": {
                        FORM: {
                            "schema": {
                                "type": "object",
                                "properties": {"ids": INTEGERS, "more": INTEGERS, "colour": COLOUR},
                            },
                            "encoding": {
                                "ids": {"style": "pipeDelimited", "explode": False},
                                "more": {"style": "form", "explode": False},
                                "colour": {"style": "deepObject", "explode": True},
                            },
                        }
                    }
                },
                "responses": {"201": described()},
            }
        },
        "/picture": {
            "post": {
                "requestBody": {"content": {"image/png": {"schema": {}}, "application/xml": {"schema": {}}}},
                "responses": {"201": described()},
            }
        },
    },
    **schemas(Login=LOGIN),
)
MULTIPART = f"{PARTS};boundary=xxx"
TWO_PARTS = (
    '--xxx\r\nContent-Disposition: form-data; name="email"\r\n\r\na@b\r\n'
    '--xxx\r\nContent-Disposition: form-data; name="password"\r\n\r\np\r\n--xxx--'
)
ONE_PART = '--xxx\r\nContent-Disposition: form-data; name="email"\r\n\r\na@b\r\n--xxx--'


@pytest.mark.parametrize(
    ("path", "content_type", "body", "codes"),
    [
        ("/login", JSON, {"email": "a", "password": "b"}, []),
        ("/login", JSON, {"email": "a"}, ["request.body.incompatible"]),
        ("/login", "application/vnd.shop.login+json", {"email": "a"}, ["request.body.incompatible"]),
        ("/login", FORM, "email=a&password=b&age=7&tags=x&tags=y", []),
        ("/login", FORM, "email=a&password=b&age=x", ["request.body.incompatible"]),
        ("/login", FORM, "email=a&password=b&tags=x", []),
        ("/login", FORM, "email=a", ["request.body.incompatible"]),
        ("/login", MULTIPART, TWO_PARTS, []),
        ("/login", MULTIPART, ONE_PART, ["request.body.incompatible"]),
        ("/login", PARTS, {"email": "a", "password": "b"}, []),
        ("/login", None, {"email": "a", "password": "b"}, ["request.content-type.missing"]),
        ("/login", "text/csv", "a,b", ["request.content-type.incompatible"]),
        ("/login", JSON, None, ["request.body.incompatible"]),
        ("/login", JSON, "", ["request.body.incompatible"]),
        ("/optional", JSON, None, []),
        ("/optional", JSON, {"email": "a"}, ["request.body.incompatible"]),
        ("/none", JSON, {"a": 1}, ["request.content-type.unknown", "request.body.unknown"]),
        ("/null", JSON, None, []),
        ("/versions", f"{JSON};version=2", {"two": 1}, []),
        ("/versions", f"{JSON}; version=2", {"one": 1}, ["request.body.incompatible"]),
        ("/versions", f"{JSON};version=3", {"one": 1}, ["request.content-type.incompatible"]),
        ("/encoded", FORM, "ids=1|2&more=1,2&colour[r]=7", []),
        ("/encoded", FORM, "ids=1|x", ["request.body.incompatible"]),
        ("/encoded", FORM, "colour[r]=x", ["request.body.incompatible"]),
        ("/encoded", FORM, {"ids": [1]}, []),
        ("/picture", "image/png", "iVBORw0KGgo=", ["request.body.unvalidatable"]),
        ("/picture", "application/xml", "<a/>", ["request.body.unvalidatable"]),
    ],
)
def test_bodies_are_read_by_their_media_type(compared, path, content_type, body, codes):
    headers = {"Content-Type": content_type} if content_type else {}

    assert codes_of(compared, BODIES, asking(f"POST {path}", 201, headers=headers, body=body)) == codes


def test_a_wrong_body_may_be_refused(compared):
    interaction = asking("POST /login", 400, headers={"Content-Type": JSON}, body={"email": 1})

    assert codes_of(compared, BODIES, interaction) == []


def test_what_is_read_only_need_not_be_sent(compared):
    user = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}},
    }
    content = {JSON: {"schema": user}}
    document = an_api(
        {"/": {"post": {"requestBody": {"content": content}, "responses": {"201": described()}}}}
    )
    pact = a_pact(
        asking("POST /", 201, headers={"Content-Type": JSON}, body={"name": "a"}),
        asking("POST /", 201, headers={"Content-Type": JSON}, body={"id": 1}),
    )

    assert [each["verdict"] for each in compared(pact, document)["interactions"]] == ["ok", "error"]


@pytest.mark.parametrize(
    ("accept", "code"),
    [
        ("text/html, application/*;q=0.5", None),
        ("*/*", None),
        ("application/json;q=0", "request.accept.incompatible"),
        ("application/vnd.shop+json", None),
        ("text/html", "request.accept.incompatible"),
    ],
)
def test_what_is_accepted_has_to_be_answered(compared, accept, code):
    document = an_api({"/": {"get": {"responses": {"200": described(**{JSON: {}})}}}})

    codes = codes_of(compared, document, asking("GET /", headers={"Accept": accept}))

    assert codes == ([code] if code else [])
