"""The drawings of who needs whom: SVG that is safe and the same on a page and in a file."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from broker.domain.network.network import Network, NetworkIntegration
from broker.domain.overview.summaries import PactStatus
from broker.web.pages.network.network_graph import graph
from broker.web.pages.network.network_marks import shortened, width
from broker.web.pages.network.network_table import table

HOSTILE = "<script>alert(1)</script>\"&'"
SVG = "{http://www.w3.org/2000/svg}"


def network(*pairs, verdict=PactStatus.VERIFIED, teams=None):
    numbers = {name: number for number, name in enumerate(sorted({name for pair in pairs for name in pair}))}
    return Network(
        [
            NetworkIntegration(numbers[consumer], consumer, numbers[provider], provider, verdict, 1, 0)
            for consumer, provider in pairs
        ],
        teams or {},
    )


def drawn_graph(*pairs, lit=None, **more):
    return parsed(graph(network(*pairs, **more), lambda name: f"?around={name}", lit=lit))


def drawn_table(*pairs, **more):
    return parsed(
        table(network(*pairs, **more), lambda name: f"?around={name}", lambda each: f"/{each.provider}")
    )


@pytest.mark.parametrize("draw", [drawn_graph, drawn_table])
def test_hostile_names_are_texts_and_nothing_else(draw):
    picture = draw((HOSTILE, "B"), ("B", HOSTILE), (HOSTILE, HOSTILE), teams={HOSTILE: HOSTILE})

    assert {element.tag.removeprefix(SVG) for element in picture.iter()} <= {
        "svg", "g", "path", "a", "rect", "text", "title",
    }  # fmt: skip
    assert HOSTILE in " ".join(picture.itertext())


@pytest.mark.parametrize("draw", [drawn_graph, drawn_table])
def test_the_policy_for_contents_allows_all_of_it(draw):
    picture = draw(("A", "B"), verdict=PactStatus.FAILED)

    assert {name for element in picture.iter() for name in element.attrib} & {
        "style",
        "onclick",
        "onload",
    } == set()


@pytest.mark.parametrize("draw", [drawn_graph, drawn_table])
@pytest.mark.parametrize("verdict", PactStatus)
def test_each_verdict_has_a_class_and_a_colour_of_its_own(draw, verdict):
    picture = draw(("A", "B"), verdict=verdict)

    classes = {element.get("class", "") for element in picture.iter()}
    assert any(verdict.name.lower() in found.split() for found in classes)


def test_a_service_is_a_link_with_its_team_and_what_it_has():
    picture = drawn_graph(("Shop", "Orders"), ("Mail", "Orders"), teams={"Orders": "fulfilment"})

    orders = next(link for link in picture.iter(f"{SVG}a") if link.get("href") == "?around=Orders")
    assert [*orders.itertext()] == ["Orders", "fulfilment", "Orders: needs 0, needed by 2"]


def test_the_services_of_a_failed_integration_have_a_red_border():
    picture = drawn_graph(("Shop", "Orders"), verdict=PactStatus.FAILED)

    assert [box.get("class") for box in picture.iter(f"{SVG}rect")] == ["broken", "broken"]


def test_what_is_not_lit_is_faded():
    picture = drawn_graph(("Shop", "Orders"), ("Mail", "Sender"), lit={("Shop", "Orders")})

    faded = {link.get("href"): link.get("opacity") for link in picture.iter(f"{SVG}a")}
    assert faded == {
        "?around=Shop": None,
        "?around=Orders": None,
        "?around=Mail": "0.16",
        "?around=Sender": "0.16",
    }


def test_edges_meet_a_box_in_places_of_their_own():
    picture = drawn_graph(*((f"consumer {number}", "Orders") for number in range(6)))

    lines = [path.get("d") for group in picture if "edges" in group.get("class", "") for path in group]
    ends = {re.findall(r"[\d.]+", line)[-1] for line in lines}
    assert len(ends) == 6


def test_marks_do_not_cover_each_other_where_many_edges_meet():
    picture = drawn_graph(
        *((f"consumer {number}", "Orders") for number in range(20)), verdict=PactStatus.FAILED
    )

    (mark,) = [path.get("d") for path in picture.iter(f"{SVG}path") if path.get("class") == "mark"]
    heights = [float(y) for y in re.findall(r"M[\d.]+ ([\d.]+)m", mark)]
    assert len(heights) > 1
    assert all(lower - upper >= 9.9 for upper, lower in pairwise(heights))


def test_nothing_is_drawn_of_no_integration():
    assert drawn_graph().get("width") == "0"
    assert [*drawn_table().itertext()] == []


def test_the_busiest_are_first_in_the_table():
    picture = drawn_table(("A", "X"), ("B", "X"), ("B", "Y"))

    labels = [text.text for text in picture.iter(f"{SVG}text")]
    assert labels == ["B", "A", "X", "Y"]


def test_a_cell_leads_to_its_pact_and_says_the_verdict():
    picture = drawn_table(("A", "X"), verdict=PactStatus.PENDING)

    cell = next(link for link in picture.iter(f"{SVG}a") if link.get("href") == "/X")
    assert "".join(cell.itertext()) == "A needs X: failed (pending)"


@pytest.mark.parametrize("name", ["x" * 90, "在庫管理" * 20, "m" * 60 + "end", "مرحبا" * 20])
def test_a_long_name_loses_its_middle(name):
    short = shortened(name, 150)

    assert width(short) <= 152
    assert (short[0], short[-1]) == (name[0], name[-1])


def test_a_short_name_stays():
    assert shortened("Media Store", width("Media Store")) == "Media Store"


def parsed(drawing):
    return ET.fromstring(drawing)  # noqa: S314 - the drawing is our own
