import pytest

from tally.matching.date_formats import DateFormatError, follows


@pytest.mark.parametrize(
    ("pattern", "fits", "unfit"),
    [
        (
            "yyyy-MM-dd",
            ["2020-02-29", "1999-12-31"],
            ["2021-02-29", "2020-13-01", "2020-1-1", "20-01-01", ""],
        ),
        ("yyyyMMdd", ["20200131"], ["202001311", "2020131"]),
        ("y-M-d", ["2020-1-1", "2020-01-01", "12020-12-31"], ["2020-0-1", "2020-1-32"]),
        ("yyyy", ["2024", "+12024", "-0044"], ["24", "12024"]),
        ("yy.MM.dd", ["20.02.29"], ["21.02.29", "2020.01.01"]),
        ("MM-dd", ["02-29"], ["02-30"]),
        ("d MMM yyyy", ["1 Jan 2020", "31 dec 2020"], ["31 Feb 2020", "1 January 2020"]),
        ("dd MMMM yyyy", ["01 January 2020"], ["01 Jan 2020", "31 February 2020"]),
        (
            "EEE, d MMM yyyy HH:mm:ss Z",
            ["Wed, 4 Jul 2001 12:08:56 -0700"],
            ["Wedn, 4 Jul 2001 12:08:56 -0700"],
        ),
        ("EEEE", ["Monday", "sunday"], ["Mon", "Someday"]),
        ("HH:mm:ss", ["00:00:00", "23:59:60"], ["24:00:00", "9:00:00", "10:60:00"]),
        ("H:mm", ["9:05", "09:05", "23:59"], ["24:00"]),
        ("hh:mm a", ["12:30 PM", "01:30 am"], ["13:30 PM", "00:30 AM"]),
        ("KK k", ["11 24", "00 1"], ["12 24", "00 0", "00 25"]),
        ("HH:mm:ss.SSS", ["10:00:00.123"], ["10:00:00.12", "10:00:00.123456"]),
        (
            "yyyy-MM-dd'T'HH:mm:ssX",
            ["2020-01-01T10:00:00Z", "2020-01-01T10:00:00+01"],
            ["2020-01-01T10:00:00+01:00"],
        ),
        ("HHXX", ["10Z", "10+0100"], ["10+01", "10+01:00"]),
        ("HHXXX", ["10Z", "10+01:00", "10-18:00"], ["10+0100", "10+19:00"]),
        ("HHxxx", ["10+01:00"], ["10Z"]),
        ("HHXXXXX", ["10+01:00", "10+01:00:30"], ["10+01"]),
        ("HH ZZZZ", ["10 GMT+01:00", "10 GMT"], ["10 +01:00"]),
        ("HH ZZZZZ", ["10 Z", "10 +01:00"], ["10 +0100"]),
        ("HH z", ["10 UTC", "10 Central European Time", "10 GMT+01:00"], ["10 +1"]),
        ("VV", ["Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC", "Z"], ["Europe/", "1"]),
        ("'at' h 'o''clock'", ["at 5 o'clock"], ["at 5 oclock"]),
        ("''yy", ["'20"], ["20"]),
        ("yyyy-MM-dd[ HH:mm]", ["2020-01-01", "2020-01-01 10:00"], ["2020-01-01 "]),
        ("yyyy/yyyy", ["2020/2021"], ["2020/21"]),
        ("G YYYY-'W'ww D F e n W", ["AD 2020-W53 366 5 7 999 6"], ["AD 2020-W54 366 5 7 999 6"]),
        ("yyyy.MM (dd)", ["2020.01 (01)"], ["2020x01 (01)"]),
    ],
)
def test_texts_follow_a_format_or_not(pattern, fits, unfit):
    assert [text for text in fits if not follows(text, pattern)] == []
    assert [text for text in unfit if follows(text, pattern)] == []


def test_a_letter_that_means_nothing_is_refused():
    with pytest.raises(DateFormatError, match='the letter "j" of the format is not known'):
        follows("2020", "jjjj")


def test_a_bracket_that_never_opened_is_refused():
    with pytest.raises(DateFormatError, match=r'the format "yyyy\]" cannot be read'):
        follows("2020", "yyyy]")
