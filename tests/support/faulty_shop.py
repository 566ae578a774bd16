"""A provider that keeps the shop's service contract, but for the faults that are switched on.

It is a WSGI application without a framework, so that what a run costs is the verifier's. Its state is that of
one object: each run takes a new one.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

from support.faulty_shop_document import CSV, JSON, PROBLEM, SCHEMAS, SKU

from tally.json_schema.validation import Validator

FAULTS: dict[str, str] = {
    "accepts-missing": "a customer without an email is accepted",
    "accepts-negative": "a negative price is accepted",
    "boundary": "the largest number of points is answered with 500",
    "wrong-type": "the price of a product is a text when it is read",
    "undocumented-status": "a removed product is answered with 202",
    "ignored-enum": "a category that does not exist is accepted as a filter",
    "broken-enum": "the category book is answered with 500 when it is created",
    "lost-header": "a new order has no Location",
    "wrong-content-type": "a customer is answered as text/plain",
    "off-by-one": "a page has one product more than asked for",
    "null": "the note is null where a name has to be, for a product without a category",
    "not-kept": "a changed product has its old price when it is read",
    "large-integer": "a price of more than 63 bits is answered with 500",
    "error-media-type": "an unknown product is answered as text/html",
    "unknown-id": "an unknown customer is answered with 500",
    "beyond-ascii": "a search for a name beyond ASCII is answered with 500",
    "state-before": "an order that is paid already is answered with 500 when it is cancelled",
    "left-out": "an order without a comment is answered with 500",
    "empty": "an order with the most lines has one less when it is answered",
    "use-after-delete": "a removed product can still be read",
}  # fmt: skip


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """A request that is answered with a problem."""

    def __init__(self, status: int, title: str) -> None:
        self.status, self.title = status, title


class Answer:
    """What is answered."""

    def __init__(self, status: int, body: Any = None, kind: str = JSON, **headers: str) -> None:
        self.status, self.kind, self.headers = status, kind, headers
        text = body if isinstance(body, str) else json.dumps(body)
        self.content = b"" if body is None else text.encode()


def _validator(name: str, **changes: Any) -> Validator:
    return Validator({**SCHEMAS[name], **changes})


class Shop:
    """The provider; *faults* are names of `FAULTS`."""

    def __init__(self, *faults: str) -> None:
        self._faults = frozenset(faults)
        assert self._faults <= FAULTS.keys()
        self._checks = {name: _validator(name) for name in SCHEMAS if name.startswith(("New", "CustomerC"))}
        if self.has("accepts-missing"):
            self._checks["NewCustomer"] = _validator("NewCustomer", required=["name"])
        if self.has("accepts-negative"):
            properties = {**SCHEMAS["NewProduct"]["properties"], "price": {"type": "integer"}}
            self._checks["NewProduct"] = _validator("NewProduct", properties=properties)
        self.products: dict[str, Any] = {
            f"{kind}-000{number}": {
                "sku": f"{kind}-000{number}", "name": f"{kind} {number}", "price": 100, "category": "tea",
            }
            for kind, number in (("TEA", 1), ("TEA", 2), ("CUP", 1), ("CUP", 2))
        }  # fmt: skip
        self.removed: dict[str, Any] = {}
        self.customers: dict[int, Any] = {
            1: {"id": 1, "name": "Ada", "email": "ada@example.org", "points": 3}
        }
        ids = [f"6f1c3ad5-0000-4000-8000-00000000000{number}" for number in (1, 2)]
        lines = [{"sku": "TEA-0001", "quantity": 1}]
        self.orders: dict[str, Any] = {each: {"id": each, "status": "open", "lines": lines} for each in ids}

    def has(self, fault: str) -> bool:
        """Whether the fault is switched on."""
        return fault in self._faults

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            answer = self._answer(environ)
        except Refused as refused:
            kind, title = PROBLEM, {"title": refused.title}
            is_html = self.has("error-media-type") and refused.title == "unknown product"
            answer = Answer(
                refused.status, "<p>no</p>" if is_html else title, "text/html" if is_html else kind
            )
        except Exception:  # noqa: BLE001 - as servers do
            answer = Answer(500, {"title": "internal error"}, PROBLEM)
        headers = [(name.replace("_", "-"), value) for name, value in answer.headers.items()]
        if answer.content:
            headers.append(("Content-Type", answer.kind))
        start_response(f"{answer.status} -", [*headers, ("Content-Length", str(len(answer.content)))])
        return [answer.content]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        path = environ["PATH_INFO"].encode("latin-1").decode()
        for method, pattern, view in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == environ["REQUEST_METHOD"]:
                query = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
                return view(self, _Request(environ, query), *map(unquote, found.groups()))
        raise Refused(404, "no such path")

    def checked(self, name: str, request: "_Request") -> Any:
        """Return the body, which satisfies a schema."""
        body = request.json()
        if not self._checks[name].accepts(body):
            raise Refused(400, "not valid")
        return body


class _Request:
    def __init__(self, environ: dict[str, Any], query: dict[str, str]) -> None:
        self.query = query
        self.accept = environ.get("HTTP_ACCEPT", "")
        self._type = environ.get("CONTENT_TYPE", "")
        self._environ = environ

    def json(self) -> Any:
        if not self._type.startswith(JSON):
            raise Refused(400, "not JSON")
        try:
            return json.loads(self._environ["wsgi.input"].read(int(self._environ.get("CONTENT_LENGTH") or 0)))
        except ValueError as error:
            raise Refused(400, "not JSON") from error

    def number(self, name: str, default: int, least: int, most: int | None = None) -> int:
        text = self.query.get(name, str(default))
        if not re.fullmatch(r"-?\d{1,30}", text) or int(text) < least or (most and int(text) > most):
            raise Refused(400, f"{name} is not valid")
        return int(text)


def _product(shop: Shop, sku: str) -> Any:
    if not re.fullmatch(SKU, sku, re.ASCII):
        raise Refused(400, "no sku")
    if sku not in shop.products:
        raise Refused(404, "unknown product")
    return shop.products[sku]


def list_products(shop: Shop, request: _Request) -> Answer:
    category = request.query.get("category")
    if category not in {None, "tea", "cup", "book"} and not shop.has("ignored-enum"):
        raise Refused(400, "no category")
    limit, offset = request.number("limit", 20, 1, 50), request.number("offset", 0, 0)
    found = [each for each in shop.products.values() if category in {None, each["category"]}]
    page = found[offset : offset + limit + shop.has("off-by-one")]
    return Answer(200, {"items": page, "total": len(found)}, X_Total=str(len(found)))


def add_product(shop: Shop, request: _Request) -> Answer:
    new = shop.checked("NewProduct", request)
    if new["sku"] in shop.products:
        raise Refused(409, "there already")
    if shop.has("broken-enum") and new.get("category") == "book":
        raise KeyError("book")
    if shop.has("large-integer") and new["price"] > 2**63 - 1:
        raise OverflowError
    product = {"category": "tea", **new}
    if shop.has("null") and "category" not in new:
        product["name"] = None
    shop.products[new["sku"]] = product
    return Answer(201, product, Location=f"/products/{new['sku']}")


def get_product(shop: Shop, _: _Request, sku: str) -> Answer:
    if shop.has("use-after-delete") and sku in shop.removed:
        return Answer(200, shop.removed[sku])
    product = _product(shop, sku)
    return Answer(200, {**product, "price": str(product["price"])} if shop.has("wrong-type") else product)


def change_product(shop: Shop, request: _Request, sku: str) -> Answer:
    product = _product(shop, sku)
    new = {"category": "tea", **shop.checked("NewProduct", request), "sku": sku}
    if shop.has("large-integer") and new["price"] > 2**63 - 1:
        raise OverflowError
    shop.products[sku] = {**new, "price": product["price"]} if shop.has("not-kept") else new
    return Answer(200, new)


def remove_product(shop: Shop, _: _Request, sku: str) -> Answer:
    shop.removed[sku] = _product(shop, sku)
    del shop.products[sku]
    return Answer(202 if shop.has("undocumented-status") else 204)


def find_customers(shop: Shop, request: _Request) -> Answer:
    name = request.query.get("name", "")
    if len(name) > 80:
        raise Refused(400, "too long")
    if shop.has("beyond-ascii"):
        name.encode("ascii")
    return Answer(200, [each for each in shop.customers.values() if name in each["name"]])


def add_customer(shop: Shop, request: _Request) -> Answer:
    new = shop.checked("NewCustomer", request)
    if shop.has("boundary"):
        assert new.get("points", 0) < 1000
    number = len(shop.customers) + 1
    known = {name: new[name] for name in ("name", "email", "born", "points") if name in new}
    shop.customers[number] = {"points": 0, "email": "", **known, "id": number}
    return Answer(201, shop.customers[number], Location=f"/customers/{number}")


def _customer(shop: Shop, number: str) -> Any:
    if not re.fullmatch(r"[1-9]\d{0,30}", number):
        raise Refused(400, "no number")
    if int(number) not in shop.customers and not shop.has("unknown-id"):
        raise Refused(404, "unknown customer")
    return shop.customers[int(number)]


def get_customer(shop: Shop, _: _Request, number: str) -> Answer:
    return Answer(200, _customer(shop, number), "text/plain" if shop.has("wrong-content-type") else JSON)


def change_customer(shop: Shop, request: _Request, number: str) -> Answer:
    customer = _customer(shop, number)
    customer |= shop.checked("CustomerChange", request)
    return Answer(200, customer)


def place_order(shop: Shop, request: _Request) -> Answer:
    new = shop.checked("NewOrder", request)
    number = f"6f1c3ad5-0000-4000-8000-{len(shop.orders) + 1:012}"
    lines = new["lines"]
    if shop.has("left-out"):
        new["comment"].strip()
    if shop.has("empty") and len(lines) == 5:
        lines = [{"sku": line["sku"]} for line in lines]
    comment = {"comment": new["comment"]} if "comment" in new else {}
    shop.orders[number] = {"id": number, "status": "open", "lines": lines, **comment}
    headers = {} if shop.has("lost-header") else {"Location": f"/orders/{number}"}
    return Answer(201, shop.orders[number], **headers)


def _order(shop: Shop, number: str) -> Any:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", number):
        raise Refused(400, "no number")
    if number not in shop.orders:
        raise Refused(404, "unknown order")
    return shop.orders[number]


def get_order(shop: Shop, _: _Request, number: str) -> Answer:
    return Answer(200, _order(shop, number))


def _become(status: str) -> Callable[[Shop, _Request, str], Answer]:
    def become(shop: Shop, _: _Request, number: str) -> Answer:
        order = _order(shop, number)
        if shop.has("state-before") and order["status"] == "paid" and status == "cancelled":
            raise RuntimeError("a refund is not implemented")
        if order["status"] != "open":
            raise Refused(409, f"it is {order['status']}")
        order["status"] = status
        return Answer(200, order)

    return become


def report(shop: Shop, request: _Request) -> Answer:
    if not Validator({"type": "string", "format": "date"}).accepts(request.query.get("day")):
        raise Refused(400, "no day")
    if request.accept.startswith(CSV):
        return Answer(200, "sold\n3\n", CSV)
    return Answer(200, {"sold": len(shop.orders)})


def _routes() -> Iterator[tuple[str, str, Callable[..., Answer]]]:
    yield "GET", "/products", list_products
    yield "POST", "/products", add_product
    yield "GET", "/products/([^/]+)", get_product
    yield "PUT", "/products/([^/]+)", change_product
    yield "DELETE", "/products/([^/]+)", remove_product
    yield "GET", "/customers", find_customers
    yield "POST", "/customers", add_customer
    yield "GET", "/customers/([^/]+)", get_customer
    yield "PATCH", "/customers/([^/]+)", change_customer
    yield "POST", "/orders", place_order
    yield "GET", "/orders/([^/]+)", get_order
    yield "POST", "/orders/([^/]+)/payment", _become("paid")
    yield "POST", "/orders/([^/]+)/cancellation", _become("cancelled")
    yield "GET", "/report", report


ROUTES = tuple(_routes())
