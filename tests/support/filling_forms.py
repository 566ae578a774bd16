"""A person with a browser who fills in forms, without the browser: cookies are kept, redirects followed."""

from html.parser import HTMLParser
from typing import Any

from support.reading_pages import A_BROWSER, Page


class FilledForm:
    """A form as a page has it: where it is sent to, what is in its fields, and what its buttons say."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: dict[str, list[str]] = {}
        self.buttons: list[tuple[str, str, str]] = []


class Person:
    """Someone at a Flask *client*; *auth* are the credentials of every request."""

    def __init__(self, client: Any, auth: tuple[str, str] | None = None, **headers: str) -> None:
        self.client = client
        self.headers = {**A_BROWSER, **headers}
        self.auth = auth
        self.address = ""
        self.answer: Any = None

    def visit(self, path: str) -> Page:
        """Return the page at *path*."""
        self.address = path
        self.answer = self.client.get(path, headers=self.headers, auth=self.auth)
        return Page(self.answer)

    def forms(self) -> list[FilledForm]:
        """Return the forms of the page that change something, but for that in its head."""
        reader = _FormReader(self.address)
        reader.feed(self.answer.text)
        return reader.forms

    def send(self, number: int = 0, button: str = "", /, **changes: Any) -> Page:
        """Fill in fields of one of the page's forms, press a button, and return the page that follows.

        `request__url` stands for the field `request.url`.
        """
        form = self.forms()[number]
        fields = {**form.fields, **{name.replace("__", "."): value for name, value in changes.items()}}
        pressed = next(((name, value) for name, value, text in form.buttons if name and text == button), None)
        if pressed:
            fields[pressed[0]] = [pressed[1]]
        return self.post(form.action, {name: value for name, value in fields.items() if value is not None})

    def post(self, action: str, fields: dict[str, Any], *, follow: bool = True, **headers: str) -> Any:
        """Send fields to an address, and return the page that follows."""
        self.answer = self.client.post(
            action, data=fields, headers={**self.headers, **headers}, auth=self.auth
        )
        if self.answer.status_code == 303 and follow:
            return self.visit(self.answer.headers["Location"])
        return Page(self.answer) if self.answer.mimetype == "text/html" else self.answer


class _FormReader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.forms: list[FilledForm] = []
        self._address = address
        self._form: FilledForm | None = None
        self._area = self._select = ""
        self._is_first = self._is_in_head = False
        self._button: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._is_in_head |= tag == "header"
        if tag == "form" and given.get("method") == "post" and not self._is_in_head:
            self._form = FilledForm(given.get("action") or self._address)
            self.forms.append(self._form)
        if self._form is None:
            return
        name, value = given.get("name", ""), given.get("value", "")
        fields = self._form.fields
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            fields.setdefault(name, []).append(value)
        if tag == "textarea":
            self._area = name
            fields.setdefault(name, []).append("")
        if tag == "select":
            self._select = name
            fields.setdefault(name, []).append("")
            self._is_first = True
        if tag == "option" and (self._is_first or "selected" in given):
            fields[self._select][-1], self._is_first = value, False
        if tag == "button":
            self._button = (name, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "header":
            self._is_in_head = False
        if tag == "form":
            self._form = None
        if tag == "textarea" and self._form:
            values = self._form.fields[self._area]
            values[-1] = values[-1].removeprefix("\n")
            self._area = ""
        if tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._form and self._area:
            self._form.fields[self._area][-1] += data
        if self._form and self._button and data.strip():
            self._form.buttons.append((*self._button, data.strip()))
