import pytest

from tally.pact.path_expressions import Wildcard
from tally.usage.places import Part, Place, PlaceSyntaxError, UsedPlace, parse_place

ORDER = "GET /orders/{id}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (ORDER, Place(ORDER)),
        ("get /orders/{id}", Place(ORDER)),
        (f"{ORDER} path id", Place(ORDER, Part.PATH, name="id")),
        (f"{ORDER} query filter[name]", Place(ORDER, Part.QUERY, name="filter[name]")),
        (f"{ORDER} header X-Tenant", Place(ORDER, Part.HEADER, name="X-Tenant")),
        (f"{ORDER} 200", Place(ORDER, Part.RESPONSE, "200")),
        (f"{ORDER} 4xx", Place(ORDER, Part.RESPONSE, "4XX")),
        (f"{ORDER} default $", Place(ORDER, Part.RESPONSE, "default", path=())),
        (f"{ORDER} 200 header ETag", Place(ORDER, Part.HEADER, "200", name="ETag")),
        (
            f"{ORDER} 200 $.customer.email",
            Place(ORDER, Part.RESPONSE, "200", path=("customer", "email")),
        ),
        (f"{ORDER} $.id", Place(ORDER, Part.RESPONSE, path=("id",))),
        (f"{ORDER} response", Place(ORDER, Part.RESPONSE)),
        (
            "POST /orders request $.items[*]['unit price']",
            Place("POST /orders", Part.REQUEST, path=("items", Wildcard.ANY_INDEX, "unit price")),
        ),
        ("createOrder 201 $.id", Place("createOrder", Part.RESPONSE, "201", path=("id",))),
        ("createOrder response $.id", Place("createOrder", Part.RESPONSE, path=("id",))),
        ("sends orders.paid", Place("sends orders.paid")),
        ("sends orders.{region}.paid $.id", Place("sends orders.{region}.paid", Part.PAYLOAD, path=("id",))),
        ("receives quotes reply $.price", Place("receives quotes", Part.REPLY, path=("price",))),
        ("sends orders.paid header eventId", Place("sends orders.paid", Part.HEADER, name="eventId")),
    ],
)
def test_a_place_is_read_from_its_text_and_written_back(text, place):
    assert parse_place(text) == place
    assert parse_place(str(place)) == place


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "names no place: expected"),
        ("$.customer", "names no place: expected"),
        (f"{ORDER} 200 $.customer..email", "cannot be read from"),
        (f"{ORDER} query page $.x", "query page has no properties"),
        (f"{ORDER} 200 request $.x", "a status belongs to a response, not to a request"),
    ],
)
def test_what_is_no_place_is_refused_with_what_to_write(text, complaint):
    with pytest.raises(PlaceSyntaxError, match=complaint.replace("$", r"\$")):
        parse_place(text)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (ORDER, f"{ORDER} 200 $.id"),
        (ORDER, f"{ORDER} query page"),
        (f"{ORDER} 200", f"{ORDER} 200 header ETag"),
        (f"{ORDER} 200", f"{ORDER} 200 $.id"),
        (f"{ORDER} 2XX $.customer", f"{ORDER} 200 $.customer.email"),
        (f"{ORDER} $.customer", f"{ORDER} 200 $.customer.email"),
        (f"{ORDER} 200 $.items[*]", f"{ORDER} 200 $.items[0].id"),
        (f"{ORDER} 200 $.prices.*", f"{ORDER} 200 $.prices.EUR"),
        (f"{ORDER} 200 header ETag", "GET /orders/{orderId} 200 header etag"),
        ("sends orders.paid $", "sends orders.paid $.id"),
    ],
)
def test_a_place_covers_its_parts_and_not_the_other_way_round(wide, narrow):
    assert parse_place(wide).covers(parse_place(narrow))
    assert parse_place(wide).touches(parse_place(narrow))
    assert parse_place(wide).covers(parse_place(wide))
    assert not parse_place(narrow).covers(parse_place(wide)) or wide.lower().endswith("etag")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ORDER, "GET /orders"),
        (ORDER, "DELETE /orders/{id}"),
        (f"{ORDER} 200 $.id", f"{ORDER} 200 $.identity"),
        (f"{ORDER} 200 $.id", f"{ORDER} 404 $.id"),
        (f"{ORDER} 200 $", f"{ORDER} 200 header ETag"),
        (f"{ORDER} 200 $", f"{ORDER} 200"),
        (f"{ORDER} 200 $.id", f"{ORDER} request $.id"),
        (f"{ORDER} query page", f"{ORDER} query Page"),
        (f"{ORDER} header ETag", f"{ORDER} 200 header ETag"),
        (f"{ORDER} 200 $.items[0]", f"{ORDER} 200 $.items.length"),
        ("sends orders.paid $.id", "receives orders.paid $.id"),
    ],
)
def test_other_places_are_neither_covered_nor_touched(one, other):
    assert not parse_place(one).covers(parse_place(other))
    assert not parse_place(one).touches(parse_place(other))


@pytest.mark.parametrize(
    ("changed", "used"),
    [
        (f"{ORDER} 200 $.items[0]", f"{ORDER} 200 $.items[*].id"),
        (f"{ORDER} 200 $.prices.EUR", f"{ORDER} 200 $.prices.*"),
        (f"{ORDER} 200 $.id", f"{ORDER} 2XX $.id"),
        (f"{ORDER} 200 $.id", f"{ORDER} $.id"),
    ],
)
def test_a_change_touches_what_a_wildcard_may_stand_for(changed, used):
    assert parse_place(changed).touches(parse_place(used))
    assert not parse_place(changed).covers(parse_place(used))


def test_who_uses_all_of_a_value_is_concerned_by_a_change_of_any_part_of_it():
    used = parse_place(f"{ORDER} 200 $.customer")
    change = parse_place(f"{ORDER} 200 $.customer.email")

    assert UsedPlace(used, "an order", 0, whole=True).is_concerned_by(change)
    assert not UsedPlace(used, "an order", 0).is_concerned_by(change)
    assert UsedPlace(change, "an order", 0).is_concerned_by(used)
