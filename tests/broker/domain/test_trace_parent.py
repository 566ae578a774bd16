import pytest

from broker.domain.trace_parent import TraceParent, begun_by, parse

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("header", "flags"),
    [
        (f"00-{TRACE}-{SPAN}-01", "01"),
        (f"00-{TRACE}-{SPAN}-00", "00"),
        (f"00-{TRACE}-{SPAN}-03", "01"),
        (f"cc-{TRACE}-{SPAN}-01", "01"),
        (f"cc-{TRACE}-{SPAN}-01-what-comes-later", "01"),
    ],
)
def test_a_header_names_the_trace_and_the_span(header, flags):
    assert parse(header) == TraceParent(TRACE, SPAN, flags)


@pytest.mark.parametrize(
    "header",
    [
        "",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-01\n",
        f"00-{TRACE}-{SPAN}-1\u0661",
        f" 00-{TRACE}-{SPAN}-01",
    ],
)
def test_what_is_not_well_formed_counts_as_none(header):
    assert parse(header) is None


@pytest.mark.parametrize("name", [TRACE, TRACE.upper(), "0af76519-16cd-43dd-8448-eb211c80319c"])
def test_an_id_of_32_digits_is_that_of_the_trace(name):
    assert begun_by(name).trace_id == TRACE


@pytest.mark.parametrize("name", ["", "request 7", "0" * 32, "0" * 16 + "1" * 16, "ä" * 128])
def test_any_other_name_begins_a_valid_trace_that_is_always_the_same(name):
    trace = begun_by(name)

    assert parse(str(trace)) == trace == begun_by(name)
