"""Recording without a socket: the HTTP clients of the process are answered where they would connect.

What is patched is the lowest public point of each client, so that its own code for redirects, retries,
cookies and authentication runs as it does in production.
"""
