"""What tests of matching say of an example: its JSON body, and its rules."""

from tally.pact import Body, MatchingRules, Presence, Rule, RuleSet


def json_body(value):
    return Body(Presence.PRESENT, value, "application/json")


def rules(**by_category):
    return MatchingRules(**by_category)


def one(rule, **attributes):
    return RuleSet((Rule(rule, attributes),))
