"""What people see of a change in a pact."""

from support.factories import a_message, a_pact, an_interaction

from broker.domain.pacts.diff import diff
from broker.domain.pacts.publication import content


def changes(before, after):
    return [line.strip() for line in diff(content(before).text, content(after).text).splitlines()]


def test_only_the_lines_that_changed_are_marked():
    found = changes(
        a_pact(an_interaction(response={"status": 200})), a_pact(an_interaction(response={"status": 404}))
    )

    marked = [line for line in found if line.startswith(("-", "+"))]
    assert [" ".join(line.split()) for line in marked] == ['- "status": 200', '+ "status": 404']


def test_interactions_that_stayed_do_not_show_wherever_they_are():
    kept = [an_interaction(f"kept {number}") for number in range(3)]

    found = changes(a_pact(*kept, an_interaction("old")), a_pact(an_interaction("new"), *reversed(kept)))

    assert not any("kept" in line for line in found)
    assert any("old" in line for line in found)
    assert any("new" in line for line in found)


def test_what_a_tool_notes_in_the_metadata_does_not_show():
    specification = {"pactSpecification": {"version": "3.0.0"}}

    found = changes(a_pact(metadata={**specification, "tool": "1"}), a_pact(metadata=specification))

    assert found == []


def test_ids_do_not_show():
    assert "_id" not in diff(content(a_pact(an_interaction("a"))).text, content(a_pact()).text)


def test_messages_show_as_well():
    before = a_pact(messages=[a_message(contents={"id": 1})])
    after = a_pact(messages=[a_message(contents={"id": 2})])

    marked = [line for line in changes(before, after) if line.startswith(("-", "+"))]
    assert [" ".join(line.split()) for line in marked] == ['- "id": 1', '+ "id": 2']


def test_lists_that_are_none_show_as_they_are():
    before, after = {"interactions": [], "messages": "none"}, {"interactions": [], "messages": "some"}

    assert '-  "messages": "none",' in changes(before, after)


def test_a_document_that_is_no_pact_shows_whole():
    assert changes({"a": 1}, {"a": 2})[1:] == ["{", '-  "a": 1', '+  "a": 2', "}"]


def test_of_a_long_text_the_beginning_is_shown_with_a_hash_that_tells_it_from_others():
    before, after = (
        a_pact(an_interaction(response={"body": "x" * 5_000 + end})) for end in ("before", "after")
    )

    marked = [line for line in changes(before, after) if line.startswith(("-", "+"))]

    assert [line.startswith(sign) for line, sign in zip(marked, "-+", strict=True)] == [True, True]
    assert all("more characters (SHA-1" in line and len(line) < 1_200 for line in marked)


def test_interactions_beyond_those_compared_are_counted():
    before, after = (
        a_pact(*(an_interaction(f"{name} {number}") for number in range(amount)))
        for name, amount in (("old", 150), ("new", 130))
    )

    assert changes(before, after)[-1] == "… and more differences: 50 only before, 30 only after"


def test_a_long_change_is_cut():
    many = a_pact(*(an_interaction(f"number {number}") for number in range(100)))

    found = changes(a_pact(), many)

    assert len(found) == 201
    assert found[-1].startswith("… and ")
