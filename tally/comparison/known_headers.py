"""Headers that HTTP and what is around it define, so that documents need not declare them."""

_BOTH = """
    cache-control connection content-disposition content-encoding content-language content-length
    content-location content-md5 content-range content-type date keep-alive link pragma trailer
    transfer-encoding upgrade via warning traceparent tracestate
"""
_REQUEST = """
    accept accept-charset accept-datetime accept-encoding accept-language
    access-control-request-headers access-control-request-method authorization cookie dnt expect
    forwarded from host http2-settings if-match if-modified-since if-none-match if-range
    if-unmodified-since max-forwards origin prefer priority proxy-authorization range referer
    save-data sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user sec-gpc te
    upgrade-insecure-requests user-agent x-forwarded-for x-forwarded-host x-forwarded-proto
"""
_RESPONSE = """
    accept-patch accept-ranges access-control-allow-credentials access-control-allow-headers
    access-control-allow-methods access-control-allow-origin access-control-expose-headers
    access-control-max-age age allow alt-svc content-security-policy cross-origin-resource-policy
    deprecation etag expires last-modified location preference-applied proxy-authenticate
    referrer-policy retry-after server server-timing set-cookie strict-transport-security sunset
    timing-allow-origin vary www-authenticate x-content-type-options x-frame-options
    x-xss-protection
"""

REQUEST_HEADERS = frozenset((_BOTH + _REQUEST).split())
"""In lower case; those of requests."""
RESPONSE_HEADERS = frozenset((_BOTH + _RESPONSE).split())
"""In lower case; those of responses."""
