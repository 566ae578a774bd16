"""Work beside requests: in a thread of the server, or in the process of a worker."""
