"""Type hints of Python, read: what a model consists of, what an annotation wraps, which limits it says."""
