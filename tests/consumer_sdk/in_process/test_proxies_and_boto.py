"""Clients that code builds with a proxy of its own, and a client of AWS."""

import asyncio
import io
import time

import aiohttp
import botocore.config
import botocore.session
import httpx
import pytest
import requests
import urllib3

pytestmark = pytest.mark.usefixtures("no_network")
PROXY = "http://proxy.invalid:3128"


def by_aiohttp(url):
    async def run():
        async with aiohttp.ClientSession() as session, session.get(url, proxy=PROXY) as answer:
            return await answer.text()

    return asyncio.run(run())


def by_httpx(url):
    with httpx.Client(proxy=PROXY) as client:
        return client.get(url).text


def by_urllib3(url):
    with urllib3.ProxyManager(PROXY) as pool:
        return pool.request("GET", url).data.decode()


def by_requests(url):
    return requests.get(url, proxies={"http": PROXY, "https": PROXY}, timeout=5).text


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("get", [by_aiohttp, by_httpx, by_urllib3, by_requests])
def test_a_proxy_of_the_code_is_not_asked(orders, scheme, get):
    orders.upon_receiving("it").with_request("GET", "/a").will_respond_with(200, body="it")

    with orders.in_process(f"{scheme}://orders.example.org") as url:
        assert get(f"{url}/a") == "it"


def test_a_client_of_s3_is_answered_and_waits_for_nothing(orders):
    session = botocore.session.Session()
    session.set_credentials("key", "secret")
    client = session.create_client(
        "s3",
        region_name="eu-west-1",
        endpoint_url="https://s3.example.org",
        config=botocore.config.Config(s3={"addressing_style": "path"}),
    )
    orders.upon_receiving("a new object").with_request("PUT", "/bucket/key").will_respond_with(
        200, headers={"ETag": '"1"'}
    )
    orders.upon_receiving("an object").with_request("GET", "/bucket/key").will_respond_with(200, body=b"\x00")

    with orders.in_process("https://s3.example.org"):
        durations = []
        for _ in range(3):  # the shortest counts, as a busy machine makes the others long
            began = time.monotonic()
            put = client.put_object(Bucket="bucket", Key="key", Body=io.BytesIO(b"content"))
            durations.append(time.monotonic() - began)
        with client.get_object(Bucket="bucket", Key="key")["Body"] as body:
            got = body.read()

    assert (put["ETag"], got) == ('"1"', b"\x00")
    assert min(durations) < 0.9, "it waited for the word to go on, which takes a second"
