import pytest

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
CHARACTERS = [chr(0x20000 + 37 * place % 40000) for place in range(1000)]
"""Four bytes each, in an order that cannot be compressed."""

ROUTES = [
    ("POST", "/pacticipants", {"name": "{}"}),
    ("POST", "/environments", {"name": "{}", "production": False}),
    ("PUT", "/pacticipants/{}/versions/1", {}),
    ("PUT", "/pacticipants/Shop/versions/{}", {}),
    ("PUT", "/pacticipants/Shop/branches/{}/versions/1", {}),
    ("PUT", "/pacticipants/Shop/versions/1/tags/{}", {}),
    ("PUT", "/pacticipants/Shop/labels/{}", {}),
]


@pytest.mark.parametrize(("method", "path", "document"), ROUTES)
@pytest.mark.parametrize(("length", "status"), [(650, 201), (1000, 400)])
def test_a_name_that_no_index_has_room_for_is_refused(broker, method, path, document, length, status):
    name = "".join(CHARACTERS[:length])
    filled = {key: name if value == "{}" else value for key, value in document.items()}

    answer = broker.open(path.format(name), method=method, json=filled)

    assert answer.status_code == status
    assert status == 201 or "too long" in answer.json["error"]
