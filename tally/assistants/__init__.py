"""What coding assistants ask: the tools of `tally mcp`, and the server that offers them."""
