"""Somebody at the log-in of an application, without a browser."""

from support.filling_forms import Person
from support.people import PASSWORD


def at(app, **headers):
    client = app.test_client()
    client.environ_base = {"REMOTE_ADDR": "127.0.0.1"}
    return Person(client, **headers)


def log_in(person, name="anna", password=PASSWORD, to=""):
    person.visit(f"/log-in{f'?to={to}' if to else ''}")
    form = person.forms()[0]
    fields = {**form.fields, "name": name, "password": password}
    person.post(form.action, fields, follow=False)
    return person.answer


def cookie_of(answer, name="tally"):
    return next(text for text in answer.headers.getlist("Set-Cookie") if text.startswith(f"{name}="))


def session_of(answer, name="tally"):
    return cookie_of(answer, name).split(";")[0].partition("=")[2]


def rows(database, table):
    with database.reading() as storage:
        return storage.connection.execute(table.select()).all()
