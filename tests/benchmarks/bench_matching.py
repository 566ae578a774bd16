"""Time the comparison of JSON bodies: run with `python tests/benchmarks/bench_matching.py`.

Prints microseconds for each comparison, with and without rules, for bodies of about 1 KB, 100 KB and 1 MB.
The time for each KB should stay the same from line to line.
"""

import json
import timeit

from tally.matching import match_response
from tally.pact import Body, MatchingRules, Presence, Response, Rule, RuleSet

ITEM = {
    "id": 17,
    "name": "Ink, black",
    "price": 4.5,
    "tags": ["new", "sale"],
    "stock": {"count": 3, "place": "A7"},
}
TYPE = RuleSet((Rule("type"),))
RULES = MatchingRules(
    body={
        "$.items": RuleSet((Rule("type", {"min": 1}),)),
        "$.items[*].id": RuleSet((Rule("integer"),)),
        "$.items[*].name": TYPE,
        "$.items[*].price": RuleSet((Rule("decimal"),)),
        "$.items[*].tags": TYPE,
        "$.items[*].stock.place": RuleSet((Rule("regex", {"regex": r"[A-Z]\d"}),)),
    }
)


def response(items: int, rules: MatchingRules) -> Response:
    body = {"items": [dict(ITEM) for _ in range(items)]}
    return Response(200, {}, Body(Presence.PRESENT, body, "application/json"), rules)


def microseconds(expected: Response, actual: Response) -> float:
    timer = timeit.Timer(lambda: match_response(expected, actual))
    times, _ = timer.autorange()
    return min(timer.repeat(3, times)) / times * 1e6


def many_rules(count: int) -> MatchingRules:
    return MatchingRules(body={f"$.items[{index}].id": TYPE for index in range(count)})


def main() -> None:
    print(f"{'body':>8} {'rules':>6} {'µs':>10} {'µs/KB':>8}")
    for items in (9, 900, 9000):
        kilobytes = len(json.dumps({"items": [ITEM] * items})) / 1000
        for name, rules in (("none", MatchingRules()), ("6", RULES), (str(items), many_rules(items))):
            took = microseconds(response(items, rules), response(items, MatchingRules()))
            print(f"{kilobytes:>6.0f}KB {name:>6} {took:>10.0f} {took / kilobytes:>8.1f}")


if __name__ == "__main__":
    main()
