"""The server: the protocol over standard input and output and over HTTP, its calls, and its resources."""
