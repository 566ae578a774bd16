"""Who uses what: the places of service contracts that consumers rely on."""
