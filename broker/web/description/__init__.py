"""What the API says of itself: an OpenAPI document made from the routes.

Paths, methods and summaries come from the routes and their views. Only what those cannot tell is written
here, once: what a view takes and answers (`operations`), the schemas of both, and the parameters.
"""
