"""What the index of the search keeps, and how a query reads it."""
