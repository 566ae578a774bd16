"""What mypy and pyright refuse: each line that ends with "wrong", and no other."""

from consumer_sdk import Recorder, generate, match


def declare(orders: Recorder) -> None:
    it = orders.upon_receiving("it")
    orders.upon_receiving()  # wrong
    it.given(7)  # wrong
    it.with_request("GET")  # wrong
    it.with_request("GET", match.integer(7))  # wrong
    it.with_request("GET", "/", query={"a": None})  # wrong
    it.with_request("GET", "/", headers={"X": object()})  # wrong
    it.with_request("GET", "/", headers={"X": match.like({"a": 1})})  # wrong
    it.with_request("GET", "/", body={1, 2})  # wrong
    it.with_request("GET", "/", body=match.integer)  # wrong
    it.with_request("GET", "/", content="a")  # wrong
    it.will_respond_with("200")  # wrong
    it.will_respond_with(match.like("200"))  # wrong
    orders.expects_message("it").with_content(object())  # wrong
    orders.expects_message("it").with_content("a").handled_by(7)  # wrong
    match.integer()  # wrong
    match.integer("7")  # wrong
    match.decimal("4.5")  # wrong
    match.boolean("true")  # wrong
    match.null(None)  # wrong
    match.regex("a")  # wrong
    match.one_of("a", 1)  # wrong
    match.each_like()  # wrong
    match.each_like(1, 2)  # wrong
    match.each_key({"a": 1}, match.integer(1))  # wrong
    match.each_value({"a": 1}, "b")  # wrong
    match.status_code(200, "good")  # wrong
    match.any_of(match.integer(7), 8)  # wrong
    match.date(7)  # wrong
    generate.random_int(1.5)  # wrong
    generate.uuid("a", "short")  # wrong
    generate.provider_state("${id}")  # wrong
