"""The document of an app, as each framework gives it. The modules are written for each test, and imported."""

import subprocess
import sys
from textwrap import dedent

import pytest

from tally.errors import UsageError
from tally.interfaces.apps import document_of_app

FASTAPI = """
from fastapi import FastAPI

app = FastAPI()

@app.get("/orders/{number}")
def order(number: int) -> dict[str, str]:
    return {}
"""
LITESTAR = """
import litestar

@litestar.get("/orders/{number:int}", sync_to_thread=False)
def order(number: int) -> dict[str, str]:
    return {}

app = litestar.Litestar([order])
"""
APIFLASK = """
from apiflask import APIFlask

app = APIFlask("shop")

@app.get("/orders/<int:number>")
def order(number: int):
    return {}
"""
SMOREST = """
from flask import Flask
from flask_smorest import Api, Blueprint

app = Flask("shop")
app.config.update(API_TITLE="Shop", API_VERSION="1", OPENAPI_VERSION="3.0.3")
orders = Blueprint("orders", "orders")

@orders.route("/orders/<int:number>")
@orders.response(200)
def order(number):
    return {}

Api(app).register_blueprint(orders)
"""
APISPEC = """
from apispec import APISpec
from flask import Flask

app = Flask("shop")
spec = app.extensions["spec"] = APISpec("Shop", "1", "3.0.3")
spec.path("/orders/{number}", operations={"get": {"responses": {"200": {"description": ""}}}})
"""
ROUTE = """
import json
from flask import Flask, Response

app = Flask("shop")

@app.get("/docs/openapi.json")
def document():
    return {"openapi": "3.1.0", "info": {}, "paths": {"/orders/{number}": {}}}
"""
YAML_ROUTE = """
from flask import Flask

app = Flask("shop")

@app.get("/swagger.yaml")
def document():
    return "openapi: 3.1.0\\ninfo: {}\\npaths:\\n  /orders/{number}: {}\\n"
"""
OBJECT = """
app = {"openapi": "3.1.0", "info": {}, "paths": {"/orders/{number}": {}}}
"""
MIDDLEWARE = """
class Middleware:
    def __init__(self, inner):
        self.app = inner

class App:
    def openapi(self):
        return {"openapi": "3.1.0", "info": {}, "paths": {"/orders/{number}": {}}}

app = Middleware(App())
"""
APPS = {
    "fastapi": FASTAPI,
    "litestar": LITESTAR,
    "apiflask": APIFLASK,
    "smorest": SMOREST,
    "apispec": APISPEC,
    "route": ROUTE,
    "yaml_route": YAML_ROUTE,
    "object": OBJECT,
    "middleware": MIDDLEWARE,
}


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a module beside the test; its name is one that nothing else has imported."""
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(dedent(text), encoding="utf-8")
        monkeypatch.delitem(sys.modules, name, raising=False)
        return name

    return write


@pytest.mark.filterwarnings("ignore")  # frameworks warn of each other's versions
@pytest.mark.parametrize("kind", APPS)
def test_an_app_describes_its_operations(written, kind):
    module = written(f"shop_of_{kind}", APPS[kind])

    assert "/orders/{number}" in document_of_app(f"{module}:app")["paths"]
    assert str(sys.path[0]) != "."


@pytest.mark.parametrize("generator", ["spectacular", "rest_framework"])
def test_a_django_app_describes_its_operations(tmp_path, generator):
    schemas = {
        "spectacular": "drf_spectacular.openapi.AutoSchema",
        "rest_framework": "rest_framework.schemas.openapi.AutoSchema",
    }
    apps = ["rest_framework", *(["drf_spectacular"] if generator == "spectacular" else [])]
    (tmp_path / "shop.py").write_text(
        f"""
import os
from django.conf import settings
settings.configure(
    SECRET_KEY="invented", ROOT_URLCONF="shop", INSTALLED_APPS={apps}, USE_TZ=True,
    REST_FRAMEWORK={{"DEFAULT_SCHEMA_CLASS": "{schemas[generator]}", "UNAUTHENTICATED_USER": None,
                     "DEFAULT_AUTHENTICATION_CLASSES": []}},
)
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
from django.urls import path
from rest_framework import generics, response, serializers

class Order(serializers.Serializer):
    number = serializers.IntegerField()

class OrderView(generics.GenericAPIView):
    serializer_class = Order
    def get(self, request, number): return response.Response({{}})

urlpatterns = [path("orders/<int:number>", OrderView.as_view())]
""",
        encoding="utf-8",
    )
    script = (
        "from tally.interfaces.apps import document_of_app\n"
        "print(document_of_app('shop:application')['paths'])"
    )

    run = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )

    assert "/orders/{number}" in run.stdout


def test_a_function_that_makes_the_app_is_called(written, capsys):
    module = written(
        "shop_factory", "def create():\n    print('hello')\n    return dict(openapi='3.1.0', paths={})"
    )

    assert document_of_app(f"{module}:create") == {"openapi": "3.1.0", "paths": {}}
    assert document_of_app(f"{module}:create()") == {"openapi": "3.1.0", "paths": {}}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("shop_plain", "", 'expected "package.module:name"'),
        ("shop_none:app", None, "there is no module 'shop_none'"),
        ("shop_deep.none:app", None, "there is no module 'shop_deep'"),
        ("shop_needs:app", "import a_framework_that_is_not_there", "imports 'a_framework_that_is_not_there'"),
        ("shop_fails:app", "1/0", "importing the module failed: ZeroDivisionError"),
        ("shop_exits:app", "raise SystemExit(3)", "importing the module failed: SystemExit: 3"),
        ("shop_other:app", "application = 1", "has no 'app'. It has: application."),
        ("shop_object:app", "app = object()", "an object of object describes no OpenAPI document"),
        ("shop_wants:app", "def app(settings): pass", "cannot be called without arguments"),
        ("shop_raises:app", "def app(): 1/0", r"app\(\) failed: ZeroDivisionError"),
        ("shop_async:app", "async def app(): pass", "is a coroutine function; name the app itself"),
        (
            "shop_no_schema:app",
            "import litestar\napp = litestar.Litestar([], openapi_config=None)",
            "no OpenAPI",
        ),
        ("shop_flask:app", "from flask import Flask\napp = Flask('x')", "describes no OpenAPI document"),
        (
            "shop_broken:app",
            "class App:\n    def openapi(self): 1/0\napp = App()",
            "the app could not describe itself: ZeroDivisionError",
        ),
        ("shop_object:app", "app = {'openapi': object()}", "not JSON: an object of object has no form"),
        ("shop_nan:app", "app = {'openapi': float('nan')}", "the app's document is not JSON"),
    ],
)
def test_what_is_no_app_is_refused_with_what_to_do(written, name, text, complaint):
    if text is not None:
        written(name.partition(":")[0], text)

    with pytest.raises(Exception, match=complaint) as refused:
        document_of_app(name)

    assert isinstance(refused.value, UsageError) or "not JSON" in complaint
    assert str(refused.value).startswith(f"--app {name}")
