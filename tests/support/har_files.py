"""HTTP archives as browsers write them: entries in the shape of HAR 1.2, with what Chrome adds to it."""

import json


def an_entry(method="GET", url="https://api.example.org/orders/7", **parts):
    """Return one entry; *parts* are status, answer (JSON, or text with a kind), headers, posted and more."""
    headers = parts.get("headers", {"accept": "application/json"})
    answer = parts.get("answer", {"id": 7})
    kind = parts.get("kind", "application/json")
    text = answer if isinstance(answer, str) else json.dumps(answer)
    request = {
        "method": method,
        "url": url,
        "httpVersion": "h2",
        "headers": _fields({":authority": "api.example.org", **headers}),
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": 0,
    }
    if "posted" in parts:
        request["postData"] = parts["posted"]
    content = {"size": len(text), "mimeType": kind, "text": text, **parts.get("content", {})}
    response = {
        "status": parts.get("status", 200),
        "statusText": "",
        "httpVersion": "h2",
        "headers": _fields({"content-type": kind, **parts.get("response_headers", {})}),
        "cookies": [],
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
    return {
        "startedDateTime": "2026-11-05T09:30:00.000Z",
        "time": 12.5,
        "_resourceType": parts.get("resource", "fetch"),
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": 12, "receive": 0},
    }


def an_archive(*entries):
    """Return a whole archive."""
    creator = {"name": "WebInspector", "version": "537.36"}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": list(entries)}}


def _fields(values):
    return [{"name": name, "value": value} for name, value in values.items()]
