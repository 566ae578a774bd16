"""Names of an invented retailer: 40 services, 70 integrations, and how each of them is doing."""

from dataclasses import dataclass

B2B = "Partner Portal / B2B & Co. <beta>"
KYOTO = "在庫管理 (Kyoto)"
COURIER = "🚚 Courier Bridge"
SIZES = "Größenberater"
LONG = "acme-retail-group-eu-central-1-legacy-order-export-batch-service-do-not-rename-v2-final"

TEAMS = {
    "storefront": ["Storefront Web", "Storefront iOS", "Storefront Android", "web-bff", "mobile-bff"],
    "selling": ["Cart", "Checkout", "Pricing", "Promotions", "Tax", "Loyalty"],
    "catalogue": ["Catalog", "Search", "Recommendations", "Reviews", "Media Store", SIZES],
    "fulfilment": ["Orders", "Inventory", "Shipping", "Returns", "Warehouse Handheld", COURIER],
    "money": ["Payments", "Fraud Check", "Ledger", "Invoicing"],
    "people": ["Customers", "Identity", "Notifications", "Email Gateway", "SMS Gateway", "Support Desk"],
    "platform": ["Feature Flags", "Address Lookup", "Analytics Ingest", "Admin Console"],
    "partners": [B2B, KYOTO, LONG],
}


@dataclass(frozen=True)
class Pair:
    """An integration, how it is doing, and how many interactions it has at the end.

    *state* is ok, failed (on main, since the last turns), pending, unverified, changed, flaky, messages, old
    or huge.
    """

    consumer: str
    provider: str
    state: str
    interactions: int


_PAIRS = f"""
Storefront Web | web-bff ok 14, Feature Flags ok 2
Storefront iOS | mobile-bff ok 11, Feature Flags ok 2
Storefront Android | mobile-bff failed 11, Feature Flags changed 2
web-bff | Cart ok 8, Checkout failed 9, Catalog ok 12, Search flaky 6, Recommendations pending 4, Reviews ok 5
web-bff | Customers ok 7, Identity ok 6, Orders ok 9
mobile-bff | Cart ok 8, Checkout ok 8, Catalog changed 10, Search ok 5, Identity ok 6, Orders unverified 7
mobile-bff | Loyalty ok 3
Cart | Pricing ok 5, Promotions failed 4, Inventory ok 3
Checkout | Cart ok 4, Payments ok 9, Orders ok 5, Tax ok 4, Address Lookup ok 3, Fraud Check unverified 3
Pricing | Promotions ok 3, Tax ok 2
Promotions | Loyalty ok 3
Catalog | Media Store ok 4, Inventory pending 4
Search | Catalog ok 6
Recommendations | Catalog ok 3, Customers old 2
Reviews | Customers ok 2, Media Store ok 2
{SIZES} | Catalog ok 3
Orders | Inventory ok 6, Payments flaky 5, Shipping ok 6
Inventory | {KYOTO} unverified 4
Shipping | {COURIER} ok 5, Address Lookup ok 2
Returns | Orders failed 5, Payments ok 3, Shipping ok 3
Warehouse Handheld | Inventory ok 9, Shipping ok 5
Payments | Fraud Check ok 4, Ledger ok 4
Invoicing | Ledger ok 3, Orders messages 4
Notifications | Orders messages 6, Email Gateway ok 3, SMS Gateway changed 2
Analytics Ingest | Orders messages 5
Support Desk | Customers ok 6, Orders ok 6, Returns failed 4
Admin Console | Catalog huge 300, Feature Flags ok 4
{B2B} | Orders failed 5, Pricing ok 3
{LONG} | Orders old 6
Loyalty | Customers ok 3
"""


def _pairs() -> list[Pair]:
    found = []
    for line in _PAIRS.strip().splitlines():
        consumer, _, needs = line.partition(" | ")
        for need in needs.split(", "):
            provider, state, amount = need.rsplit(" ", 2)
            found.append(Pair(consumer, provider, state, int(amount)))
    return found


PAIRS = _pairs()
EVERYBODY = [name for names in TEAMS.values() for name in names]
NOUNS = {
    "Orders": "order",
    "Cart": "cart",
    "Checkout": "checkout",
    "Catalog": "product",
    "Search": "result",
    "Payments": "payment",
    "Inventory": "stock level",
    "Shipping": "shipment",
    "Customers": "customer",
    "Identity": "session",
    "Pricing": "price",
    "Promotions": "voucher",
    "Tax": "tax rate",
    "Reviews": "review",
    "Media Store": "image",
    "Returns": "return",
    "Feature Flags": "flag",
    KYOTO: "在庫",
    COURIER: "parcel",
}
BRANCHES = [
    ("web-bff", "feat/split-basket", 2.5),
    ("Checkout", "fix/CHK-1482-rounding", 2.1),
    (SIZES, "feat/neue-Größen-für-Kinder", 1.3),
    ("Storefront Web", "spike-" + "x" * 60, 0.9),
    ("Checkout", "renovate/all-minor", 0.03),
]
"""Branches of the last days: consumer, name, and how many days ago. The last one is newer than main."""
