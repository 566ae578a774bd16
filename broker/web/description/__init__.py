"""What the API says of itself: an OpenAPI document, made from the routes and from what their views say.

A view says in its decorator what it takes and answers (`broker/web/resource.py`). The schemas that it names,
and the parameters that several views have, are here.
"""
