"""The first row of several, in a form by which PostgreSQL knows that it is only one."""

from sqlalchemy import ColumnElement, literal_column

ONE: ColumnElement[int] = literal_column("1")
"""For `limit`, which makes a parameter of a number: for all values of that, a plan that is kept would expect
a tenth of all rows. PostgreSQL would rather plan anew each time, or sort what an index has in order.
"""
