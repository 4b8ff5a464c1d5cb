from typing import Any, TypeVar

from sqlalchemy import literal, tuple_
from sqlmodel.sql.expression import SelectOfScalar

from app.core.models import Record
from app.core.pagination import PageQuery

Model = TypeVar("Model", bound=Record)


def page_of(
    query: SelectOfScalar[Model], model: type[Model], asked: PageQuery
) -> SelectOfScalar[Model]:
    """Sort and cut a query to a page, and one row more: it tells whether there is a next page.

    The place is compared as a row of values, which an index on both columns answers at once.
    """
    # Where the key itself is sorted by, there is nothing to compare after it.
    names = dict.fromkeys((asked.attribute, "id"))
    columns: list[Any] = [getattr(model, name) for name in names]
    place = asked.place(columns[0].type.python_type)
    if place is not None:
        begin = [literal(value, column.type) for value, column in zip(place, columns, strict=False)]
        here, there = tuple_(*columns), tuple_(*begin)
        query = query.where(here < there if asked.descends else here > there)
    order = [column.desc() if asked.descends else column.asc() for column in columns]
    return query.order_by(*order).limit(asked.limit + 1)
