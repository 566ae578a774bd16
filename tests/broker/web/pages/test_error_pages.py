"""Pages that say what went wrong, and what to do."""

import re

import pytest
from support.reading_pages import A_BROWSER, Page

from broker.app import create_app
from broker.settings.settings import Settings


def page_of(client, path, **headers):
    answer = client.get(path, headers=A_BROWSER | headers)
    return answer, Page(answer)


@pytest.mark.parametrize(
    ("path", "looked_for", "name"),
    [
        ("/pacticipants/Chekout", "/pacticipants/Chekout", "Chekout"),
        ("/nothing/h%C3%A9re", "/nothing/hére", "hére"),
        ("/pacticipants/%3Cscript%3E%22", "/pacticipants/<script>", "&lt;script&gt;&#34;"),
    ],
)
def test_what_is_not_there_can_be_searched_for(broker, path, looked_for, name):
    answer, page = page_of(broker, path)

    assert page.status == 404
    assert f"Looked for: {looked_for}" in page.text
    assert f'value="{name}"' in answer.text


def test_the_name_that_is_missing_is_searched_for_not_the_end_of_the_address(broker, publish):
    publish()

    of_a_pact, _ = page_of(broker, "/pacts/provider/Ordres/consumer/Shop/latest")
    of_a_query, _ = page_of(broker, "/environments/compare?a=tset&b=production")

    assert 'name="q" value="Ordres"' in of_a_pact.text
    assert 'name="q" value=""' in of_a_query.text.partition("<main")[2]


def test_a_question_that_is_refused_leads_to_the_page_without_it(broker):
    _, page = page_of(broker, "/?state=faild")

    assert page.status == 400
    assert page.links["The same page without what was asked"] == "?"


def test_an_unexpected_error_has_a_reference_to_copy_that_the_log_has_too(broker, database, caplog):
    with database.connection() as connection:
        connection.exec_driver_sql("ALTER TABLE pacticipants RENAME TO elsewhere")
        connection.commit()

    answer, page = page_of(broker, "/pacticipants/Shop")

    (reference,) = re.findall(r'data-copy="([0-9a-f]{32})"', answer.text)
    assert page.status == 500
    assert reference in page.text
    assert reference in caplog.text
    assert "elsewhere" not in answer.text


def test_whoever_is_not_logged_in_learns_how_to(database):
    client = create_app(
        Settings(basic_auth_username="ada", basic_auth_password="secret"), database
    ).test_client()

    answer, page = page_of(client, "/?a=1")

    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert page.status == 401
    assert page.links["Ask for this page again"] == ""
    assert "PACT_BROKER_TOKEN" in page.text
    assert "secret" not in answer.text
