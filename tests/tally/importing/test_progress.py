"""What `tally import` shows of its progress."""

from tally.importing.progress import shown


def copy_pacts(*, on_terminal):
    with shown(on_terminal=on_terminal) as progress:
        progress.part("Pacts", 502)
        progress.about("Shop [1]")
        progress.advance(499)
        progress.advance(3)
        progress.part("Webhooks")


def test_lines_tell_now_and_then_how_far_it_is(capsys):
    copy_pacts(on_terminal=False)

    assert capsys.readouterr().err.splitlines() == ["Pacts …", "Pacts: 502 of 502", "Webhooks …"]


def test_bars_are_full_at_the_end(capsys):
    copy_pacts(on_terminal=True)

    printed = capsys.readouterr().err
    assert "502/502" in printed
    assert "1/1" in printed  # a part of which nobody knew how much it is
