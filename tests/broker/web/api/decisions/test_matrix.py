"""The matrix: its JSON, its parameters, and what it refuses."""

import pytest
from support.decisions_over_http import Api

OF_PAIR = "/matrix/provider/Bar/consumer/Foo"
ROW = ["consumer", "provider", "pact", "verificationResult"]


@pytest.fixture
def api(broker):
    return Api(broker)


def ask(broker, query):
    answer = broker.get("/matrix?" + query)
    assert answer.status_code == 200, answer.text
    return answer.json


def pairs(answer):
    return [
        (
            row["consumer"]["version"]["number"],
            row["provider"]["version"] and row["provider"]["version"]["number"],
            row["verificationResult"] and row["verificationResult"]["success"],
        )
        for row in answer["matrix"]
    ]


def test_a_row_tells_everything_about_its_versions(broker, api):
    api.version("Foo", "1", "on", "feat/x", "on", "main", "tagged", "dev")
    api.pact("Foo", "1", "with", "Bar")
    api.verified("Bar", "2", "Foo", "1")
    api.deployed("Foo", "1", "test")
    api.released("Foo", "1", "test")

    answer = ask(broker, "q[][pacticipant]=Foo&q[][version]=1&q[][pacticipant]=Bar&latestby=cvpv")

    (row,) = answer["matrix"]
    assert list(row) == ROW
    version = row["consumer"]["version"]
    assert version["number"] == "1"
    assert version["branch"] == "main"
    assert [(branch["name"], branch["latest"]) for branch in version["branches"]] == [
        ("feat/x", True),
        ("main", True),
    ]
    assert version["branchVersions"] == version["branches"]
    assert version["branches"][0]["_links"]["self"]["title"] == "Branch version"
    assert version["branches"][0]["_links"]["self"]["href"].endswith("/branches/feat%2Fx/versions/1")
    assert [(tag["name"], tag["latest"]) for tag in version["tags"]] == [("dev", True)]
    assert [environment["name"] for environment in version["environments"]] == ["test"]
    assert version["environments"][0]["_links"]["self"]["title"] == "Environment"
    assert version["_links"]["self"]["href"].endswith("/pacticipants/Foo/versions/1")
    assert row["consumer"]["name"] == "Foo"
    assert row["consumer"]["_links"]["self"]["href"].endswith("/pacticipants/Foo")


def test_the_links_of_a_row_lead_to_the_pact_and_the_result(broker, api):
    api.pact("Foo", "1", "with", "Bar")
    api.verified("Bar", "2", "Foo", "1")

    (row,) = ask(broker, "q[][pacticipant]=Foo&q[][pacticipant]=Bar&latestby=cvpv")["matrix"]

    pact = broker.get(row["pact"]["_links"]["self"]["href"]).json
    assert (pact["consumer"]["name"], pact["provider"]["name"]) == ("Foo", "Bar")
    result = broker.get(row["verificationResult"]["_links"]["self"]["href"]).json
    assert result["success"] is row["verificationResult"]["success"] is True
    assert result["verificationDate"] == row["verificationResult"]["verifiedAt"]
    assert row["pact"]["createdAt"].endswith("+00:00")


def test_what_is_not_there_is_null(broker, api):
    api.pact("Foo", "1", "with", "Bar")

    answer = ask(broker, "q[][pacticipant]=Foo&q[][version]=1&latestby=cvp&latest=true")

    (row,) = answer["matrix"]
    assert list(row) == ROW
    assert row["provider"]["version"] is None
    assert row["verificationResult"] is None
    assert row["consumer"]["version"]["branch"] is None
    assert row["consumer"]["version"]["environments"] == []
    assert answer["summary"]["deployable"] is None
    assert set(answer) == {"summary", "notices", "matrix", "tally:explanation"}


def test_an_older_version_is_not_the_latest_with_its_tag(broker, api):
    api.pact("Foo", "1", "with", "Bar")
    api.version("Foo", "1", "on", "main", "tagged", "prod")
    api.version("Foo", "2", "on", "main", "tagged", "prod")

    (row,) = ask(broker, "q[][pacticipant]=Foo&q[][version]=1&latestby=cvp")["matrix"]

    assert [tag["latest"] for tag in row["consumer"]["version"]["tags"]] == [False]
    assert [branch["latest"] for branch in row["consumer"]["version"]["branches"]] == [False]


def test_rows_are_sorted_newest_first_and_unverified_ones_before_verified_ones(broker, api):
    for number in ("1", "2"):
        api.pact("Foo", number, "with", "Bar")
        api.pact("Foo", number, "with", "Abc")
    api.verified("Bar", "7", "Foo", "1")
    api.failed("Bar", "8", "Foo", "1")

    answer = ask(broker, "q[][pacticipant]=Foo&q[][pacticipant]=Bar&q[][pacticipant]=Abc&latestby=cvpv")

    assert [row["provider"]["name"] for row in answer["matrix"]] == ["Abc", "Bar", "Abc", "Bar", "Bar"]
    assert pairs(answer) == [
        ("2", None, None),
        ("2", None, None),
        ("1", None, None),
        ("1", "8", False),
        ("1", "7", True),
    ]


def test_ignored_rows_come_last_and_say_so(broker, api):
    api.pact("Foo", "1", "with", "Abc")
    api.pact("Foo", "1", "with", "Bar")
    api.verified("Bar", "2", "Foo", "1")

    answer = ask(
        broker,
        "q[][pacticipant]=Foo&q[][version]=1&latestby=cvp&latest=true&ignore[][pacticipant]=Abc",
    )

    assert [(row["provider"]["name"], row.get("ignored")) for row in answer["matrix"]] == [
        ("Bar", None),
        ("Abc", True),
    ]
    assert answer["summary"]["ignored"] == 1


def test_results_of_the_past_are_rows_without_latestby(broker, api):
    api.pact("Foo", "1", "with", "Bar")
    api.failed("Bar", "2", "Foo", "1")
    api.verified("Bar", "2", "Foo", "1")

    both = "q[][pacticipant]=Foo&q[][pacticipant]=Bar"

    assert pairs(ask(broker, both)) == [("1", "2", True), ("1", "2", False)]
    assert pairs(ask(broker, "q[][pacticipant]=Foo")) == [("1", "2", True), ("1", "2", False)]
    assert pairs(ask(broker, both + "&latestby=cvpv")) == [("1", "2", True)]


@pytest.mark.parametrize(
    ("latestby", "expected"),
    [
        ("cvpv", [("2", "8", True), ("2", "7", False), ("1", "8", False), ("1", "7", True)]),
        ("cvp", [("2", "8", True), ("1", "8", False)]),
        ("cp", [("2", "8", True)]),
    ],
)
def test_latestby_keeps_one_row_of_each_group(broker, api, latestby, expected):
    api.pact("Foo", "1", "with", "Bar")
    api.pact("Foo", "2", "with", "Bar")
    api.verified("Bar", "7", "Foo", "1")
    api.failed("Bar", "7", "Foo", "2")
    api.failed("Bar", "8", "Foo", "1")
    api.verified("Bar", "8", "Foo", "2")

    answer = ask(broker, f"q[][pacticipant]=Foo&q[][pacticipant]=Bar&latestby={latestby}")

    assert pairs(answer) == expected


@pytest.mark.parametrize(
    ("success", "expected"),
    [
        ("success=true", {True}),
        ("success=false", {False}),
        ("success=", {None}),
        ("success[]=true&success[]=", {True, None}),
        ("success[]=true&success[]=false&success[]=", {True, False, None}),
    ],
)
def test_rows_are_filtered_by_their_result(broker, api, success, expected):
    for number in ("1", "2", "3"):
        api.pact("Foo", number, "with", "Bar")
    api.verified("Bar", "7", "Foo", "1")
    api.failed("Bar", "7", "Foo", "2")

    answer = ask(broker, f"q[][pacticipant]=Foo&q[][pacticipant]=Bar&latestby=cvpv&{success}")

    assert {result for _, _, result in pairs(answer)} == expected


def test_the_newest_pacts_are_within_the_limit(broker, api):
    for number in ("1", "2", "3"):
        api.pact("Foo", number, "with", "Bar")

    answer = ask(broker, "q[][pacticipant]=Foo&q[][pacticipant]=Bar&latestby=cvpv&limit=2")

    assert pairs(answer) == [("3", None, None), ("2", None, None)]


def test_a_hundred_rows_are_enough_unless_more_are_asked_for(broker, api):
    api.pact("Foo", "1", "with", "Bar")
    for number in range(101):
        api.verified("Bar", str(number), "Foo", "1")

    both = "q[][pacticipant]=Foo&q[][pacticipant]=Bar&latestby=cvpv"

    assert len(ask(broker, both)["matrix"]) == 100
    assert len(ask(broker, both + "&limit=1000")["matrix"]) == 101


def test_a_decision_counts_every_row_whatever_is_shown(broker, api):
    for number in range(102):
        api.pact("Foo", str(number), "with", "Bar")
        report = api.failed if number == 0 else api.verified
        report("Bar", "1", "Foo", str(number))
        api.released("Foo", str(number), "production")

    for question in (
        "q[][pacticipant]=Bar&q[][version]=1&environment=production&latestby=cvpv",
        "q[][pacticipant]=Bar&q[][version]=1&q[][pacticipant]=Foo&q[][environment]=production&latestby=cvpv",
    ):
        for limit, shown in (("", 102), ("&limit=5", 5)):
            answer = ask(broker, question + limit)
            assert answer["summary"]["deployable"] is False
            assert (answer["summary"]["success"], answer["summary"]["failed"]) == (101, 1)
            assert len(answer["matrix"]) == shown


def test_selectors_without_inner_brackets_are_read_as_those_with_them(broker, api):
    api.pact("Foo", "1", "with", "Bar")
    api.pact("Foo", "2", "with", "Bar")
    api.verified("Bar", "7", "Foo", "1")

    old = ask(
        broker, "q[]pacticipant=Foo&q[]version=1&q[]pacticipant=Bar&q[]version=7&ignore[]pacticipant=Baz"
    )

    assert old == ask(
        broker,
        "q[][pacticipant]=Foo&q[][version]=1&q[][pacticipant]=Bar&q[][version]=7&ignore[][pacticipant]=Baz",
    )
    assert old["summary"]["deployable"] is True


@pytest.mark.parametrize(
    ("flat", "usual"),
    [
        (
            "q[]version=1&q[]pacticipant=Foo&q[]version=7&q[]pacticipant=Bar",
            "q[][pacticipant]=Foo&q[][version]=1&q[][pacticipant]=Bar&q[][version]=7",
        ),
        (
            "q[]pacticipant=Foo&q[][version]=1&q[][pacticipant]=Bar&q[]version=7",
            "q[][pacticipant]=Foo&q[][version]=1&q[][pacticipant]=Bar&q[][version]=7",
        ),
        (
            "q[]pacticipant=Foo&q[]latest=true&q[]mainBranch=false&q[]pacticipant=Bar",
            "q[][pacticipant]=Foo&q[][latest]=true&q[][pacticipant]=Bar",
        ),
        ("q[]pacticipant=Foo&q[]pacticipant=Foo&q[]tag=", "q[][pacticipant]=Foo"),
    ],
)
def test_keys_without_inner_brackets_may_come_in_any_order_and_beside_others(broker, api, flat, usual):
    api.pact("Foo", "1", "with", "Bar")
    api.pact("Foo", "2", "with", "Bar")
    api.verified("Bar", "7", "Foo", "1")

    assert ask(broker, flat) == ask(broker, usual)


def test_the_matrix_of_a_pair_takes_the_parameters_of_the_matrix(broker, api):
    for number in ("1", "2", "3"):
        api.pact("Foo", number, "with", "Bar")
    api.verified("Bar", "7", "Foo", "1")
    api.failed("Bar", "7", "Foo", "3")

    def numbers(query):
        return [
            row["consumer"]["version"]["number"] for row in broker.get(f"{OF_PAIR}?{query}").json["matrix"]
        ]

    assert numbers("") == ["3", "2", "1"]
    assert numbers("limit=1") == ["3"]
    assert numbers("success[]=true") == ["1"]
    assert numbers("success[]=true&success[]=") == ["2", "1"]
    assert numbers("latestby=cp") == ["3"]


@pytest.mark.parametrize("pair", ["/matrix/provider/Bar/consumer/Foo", "/matrix/provider/No/consumer/Foo"])
@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=many", "latestby=x", "success[]=maybe", "limitt=1"]
)
def test_the_matrix_of_a_pair_refuses_what_the_matrix_refuses(broker, api, pair, query):
    api.pact("Foo", "1", "with", "Bar")

    refused = broker.get(f"{pair}?{query}")

    assert refused.status_code == 400
    assert refused.json == broker.get(f"/matrix?q[][pacticipant]=Foo&{query}").json


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", "Name at least one pacticipant"),
        ("latestby=cvp", "Name at least one pacticipant"),
        ("q[][version]=1", "Name the pacticipant of each selector: q[][pacticipant]=NAME"),
        ("q[][pacticipant]=Foo&ignore[][version]=1", "ignore[][pacticipant]=NAME"),
        ("q[pacticipant]=Foo", "q[pacticipant] cannot be read: write q[][pacticipant]=NAME"),
        (
            "q[][pacticipant]=Foo&ignore[pacticipant]=Bar",
            "ignore[pacticipant] cannot be read: write ignore[][pacticipant]=NAME",
        ),
        ("q[]pacticipant=Foo&q[]vesion=1", "q[][vesion] is no field of a selector (did you mean 'version'?)"),
        ("q[]pacticipant=Foo&q[]version=1&q[]latest=true", "Choose one of version and latest for Foo"),
        (
            "q[]pacticipant=Foo&q[]version=1&q[]version=2",
            "Name the pacticipant of each selector: q[][pacticipant]=NAME",
        ),
        ("q[]pacticipant]=Foo", "q[]pacticipant] cannot be read: write q[][pacticipant]=NAME"),
        ("q[][]pacticipant=Foo", "q[][]pacticipant cannot be read: write q[][pacticipant]=NAME"),
        ("q[][pacticipant]=Foo&q[]=Bar", "q cannot be read: write q[][pacticipant]=NAME"),
        ("q[][pacticipant]=Foo&q=Bar", "q cannot be read: write q[][pacticipant]=NAME"),
        (
            "q[][pacticipant]=Foo&q[][version]=1&q[][pacticipant]=&q[][version]=",
            "Name the pacticipant of each selector: q[][pacticipant]=NAME",
        ),
        (
            "q[][pacticipant]=Foo&ignore[][pacticipant]=",
            "Name the pacticipant of each selector: ignore[][pacticipant]=NAME",
        ),
        ("q[][pacticipant]=Fo", "Pacticipant 'Fo' does not exist (did you mean 'Foo'?)"),
        ("q[][pacticipant]=Something", "Pacticipant 'Something' does not exist"),
        ("q[][pacticipant]=Foo&q[][version]=1&q[][latest]=true", "Choose one of version and latest for Foo"),
        ("q[][pacticipant]=Foo&q[][version]=1&q[][tag]=x", "Choose one of version and tag for Foo"),
        (
            "q[][pacticipant]=Foo&environment=prodution",
            "Environment 'prodution' does not exist (did you mean 'production'?)",
        ),
        ("q[][pacticipant]=Foo&q[][environment]=uat", "Environment 'uat' does not exist"),
        ("q[][pacticipant]=Foo&environment=test&latest=true", "Choose one of environment and latest=true"),
        ("q[][pacticipant]=Foo&environment=test&tag=prod", "Choose one of tag and environment"),
        ("q[][pacticipant]=Foo&tag=prod&mainBranch=true", "Choose one of tag and mainBranch"),
        (
            "q[][pacticipant]=Foo&q[][vesion]=1",
            "q[][vesion] is no field of a selector (did you mean 'version'?)",
        ),
        ("q[][pacticipant]=Foo&ignore[][pacticipants]=Bar", "(did you mean 'pacticipant'?)"),
        (
            "q[][pacticipant]=Foo&enviroment=production",
            "enviroment is no parameter (did you mean 'environment'?)",
        ),
        ("q[][pacticipant]=Foo&latestBy=cvp", "latestBy is no parameter (did you mean 'latestby'?)"),
        ("q[][pacticipant]=Foo&q[][latest]=yes", "latest must be one of: true, false"),
        ("q[][pacticipant]=Foo&mainBranch=main", "mainBranch must be one of: true, false"),
        ("q[][pacticipant]=Foo&latestby=all", "latestby must be one of: cvpv, cvp, cp"),
        ("q[][pacticipant]=Foo&success=maybe", "success must be one of: true, false"),
        ("q[][pacticipant]=Foo&limit=0", "limit must be a whole number from 1 to 2147483647"),
        ("q[][pacticipant]=Foo&limit=many", "limit must be a whole number from 1 to 2147483647"),
        ("q[][pacticipant]=Foo&limit=99999999999999999999", "limit must be a whole number"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_list_of_sentences(broker, api, query, error):
    api.pact("Foo", "1", "with", "Bar")

    refused = broker.get("/matrix?" + query)

    assert refused.status_code == 400
    (message,) = refused.json["errors"]
    assert error in message


def test_a_parameter_that_nobody_could_mean_is_left_alone(broker, api):
    api.pact("Foo", "1", "with", "Bar")

    assert ask(broker, "q[][pacticipant]=Foo&days=3&build=17&_=1")["matrix"]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize(
    "path",
    [
        "/matrix?q[][pacticipant]=%00",
        "/matrix?q[][pacticipant]=Foo&q[][tag]=a%00b",
        "/can-i-deploy?pacticipant=Foo&version=%00&environment=test",
    ],
)
def test_a_character_that_no_database_keeps_is_refused(broker, path):
    refused = broker.get(path)

    assert refused.status_code == 400
    assert "U+0000" in refused.json["error"]


def test_bytes_that_are_no_text_are_the_name_of_nobody(broker):
    for query in ("q[][pacticipant]=%ff", "q[][pacticipant]=\xff"):
        refused = broker.get("/matrix", environ_overrides={"QUERY_STRING": query})

        assert refused.status_code == 400
        assert "not UTF-8" in refused.json["error"]


def test_a_selector_that_is_said_twice_counts_once(broker, api):
    api.pact("Foo", "1", "with", "Bar")

    once = ask(broker, "q[][pacticipant]=Foo&q[][version]=1&latestby=cvp")
    twice = ask(
        broker,
        "q[][pacticipant]=Foo&q[][version]=1&q[][pacticipant]=Foo&q[][version]=1&latestby=cvp",
    )

    assert twice == once


def test_a_person_with_curl_gets_a_table(broker, api):
    api.pact("Foo", "1", "with", "Bar")
    api.verified("Bar", "2", "Foo", "1")
    api.pact("Foo", "1", "with", "Abc")

    answer = broker.get(
        "/matrix?q[][pacticipant]=Foo&q[][version]=1&latest=true&latestby=cvp&ignore[]=Abc",
        headers={"Accept": "text/plain"},
    )

    assert answer.content_type == "text/plain;charset=utf-8"
    headings, first, second = (line.split() for line in answer.text.splitlines()[:3])
    assert headings == ["CONSUMER", "C_VERSION", "REVISION", "PROVIDER", "P_VERSION", "NUMBER", "SUCCESS"]
    assert (first[0], first[3:5], first[-1]) == ("Foo", ["Bar", "2"], "true")
    assert second == ["Foo", "1", "1", "Abc", "ignored"]
    assert "Deployable: yes" in answer.text


def test_names_with_slashes_spaces_and_umlauts_are_found_and_linked(broker, api):
    api.pact("Fö o/1%", "1/a b", "with", "Bär")
    api.verified("Bär", "2", "Fö o/1%", "1/a b")

    answer = ask(broker, "q[][pacticipant]=F%C3%B6+o%2F1%25&q[][version]=1%2Fa+b&latestby=cvpv")

    assert pairs(answer) == [("1/a b", "2", True)]
    href = answer["matrix"][0]["consumer"]["version"]["_links"]["self"]["href"]
    assert href.endswith("/pacticipants/F%C3%B6%20o%2F1%25/versions/1%2Fa%20b")


def test_the_matrix_of_a_pair_shows_every_combination(broker, api):
    api.pact("Foo", "1", "with", "Bar")
    api.pact("Foo", "2", "with", "Bar")
    api.pact("Foo", "2", "with", "Baz")
    api.verified("Bar", "7", "Foo", "1")

    answer = broker.get("/matrix/provider/Bar/consumer/Foo")

    assert pairs(answer.json) == [("2", None, None), ("1", "7", True)]
    assert broker.get("/matrix/provider/Qux/consumer/Foo").status_code == 404
    assert broker.get("/matrix/provider/Bar/consumer/Qux").status_code == 404


def test_the_matrix_of_a_pair_shows_what_each_needs_of_the_other_and_of_itself(broker, api):
    api.pact("Foo", "1", "with", "Bar")
    api.pact("Bar", "7", "with", "Foo")
    api.pact("Foo", "2", "with", "Foo")

    answer = broker.get("/matrix/provider/Bar/consumer/Foo")

    shown = [(row["consumer"]["name"], row["provider"]["name"]) for row in answer.json["matrix"]]
    assert shown == [("Bar", "Foo"), ("Foo", "Foo"), ("Foo", "Bar")]
