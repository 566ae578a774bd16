"""Names of pairs may be anything; those of files must suit every file system."""

import pytest
from support.recordings import a_recording

from consumer_sdk import ConflictError
from consumer_sdk.errors import DeclarationError
from consumer_sdk.pact_files import file_name
from tally.pact import load_pact


@pytest.mark.parametrize(
    ("consumer", "provider", "expected"),
    [
        ("Shop", "Orders", "Shop-Orders.json"),
        ("@acme/web", "Stock", "@acme_web-Stock.json"),
        ("a\\b", 'c:d*e?f"g<h>i|j', "a_b-c_d_e_f_g_h_i_j.json"),
        ("..", "Orders", "_.-Orders.json"),
        (".hidden", "Orders", "_hidden-Orders.json"),
        ("line\nbreak", "tab\t", "line_break-tab_.json"),
        ("Bücher", "注文", "Bücher-注文.json"),
        ("nul", "Orders.", "nul-Orders..json"),
    ],
)
def test_what_a_file_system_refuses_is_replaced(recordings, tmp_path, consumer, provider, expected):
    recordings.add(a_recording(consumer=consumer, provider=provider))

    (path,) = recordings.write(tmp_path)

    assert path.name == file_name(consumer, provider) == expected
    pact = load_pact(path)
    assert (pact.consumer, pact.provider) == (consumer, provider)


def test_long_names_are_cut_and_stay_apart(recordings, tmp_path):
    for end in ("one", "other"):
        recordings.add(a_recording(consumer="注文" * 100 + end))

    written = recordings.write(tmp_path)

    assert len(written) == 2
    assert all(len(path.name.encode()) < 255 for path in written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Shop", "Orders"), ("shop", "Orders")),
        (("STRASSE", "x"), ("straße", "x")),
        (("é", "x"), ("e\u0301", "x")),
        (("a/b", "c"), ("a:b", "c")),
        (("a-b", "c"), ("a", "b-c")),
    ],
)
def test_pairs_that_would_share_a_file_somewhere_are_refused(recordings, tmp_path, one, other):
    for consumer, provider in (one, other):
        recordings.add(a_recording(consumer=consumer, provider=provider))

    with pytest.raises(ConflictError, match=r"would both be written to .*rename one of them") as refused:
        recordings.write(tmp_path / "pacts")

    assert f'"{one[0]}" and "{one[1]}"' in str(refused.value)
    assert f'"{other[0]}" and "{other[1]}"' in str(refused.value)
    assert not (tmp_path / "pacts").exists()


@pytest.mark.parametrize("changes", [{"consumer": "\ud800"}, {"description": "\ud800"}])
def test_text_that_no_file_can_hold_is_refused_when_it_is_recorded(recordings, changes):
    with pytest.raises(DeclarationError, match="half of a surrogate pair"):
        recordings.add(a_recording(**changes))
