"""The tools, by subject: each function is one, and its docstring is what an assistant reads about it."""
