"""Read and write many rows in one short statement, prepared once: its length does not grow with theirs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Field, Lookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Model
    from django.db.models.sql.compiler import SQLCompiler


@Field.register_lookup
class AnyOf(Lookup):
    """``column = ANY(array)``: like ``__in``, with one parameter however long the list."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Return the comparison, its values as one array."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, list(self.rhs))


def reserve_ids(model: type[Model], count: int) -> Iterator[int]:
    """Draw ids for rows to come, so that they can name each other before any is written."""
    if not count:
        return iter(())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s::text, 'id')) FROM generate_series(1, %s::int)",
            [model._meta.db_table, count],  # noqa: SLF001
        )
        return iter([row[0] for row in cursor.fetchall()])


def write_rows[M: Model](rows: Iterable[M], *, key: Sequence[str] = ("id",), update: Sequence[str] = ()) -> None:
    """Insert rows in the order of ids; of those whose key exists, update some columns.

    The rows travel as one JSON document: a parameter for each value would cost more than all the rest.
    """
    in_order = sorted(rows, key=lambda row: row.pk or 0)
    if not in_order:
        return
    meta = in_order[0]._meta  # noqa: SLF001
    with_id = in_order[0].pk is not None
    fields = [(f.column or "", f) for f in meta.concrete_fields if with_id or not f.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(column) for column, _ in fields)
    shape = ", ".join(f"{quote(column)} {field.db_type(connection)}" for column, field in fields)
    conflict = ""
    if update:
        new = ", ".join(f"{quote(column)} = EXCLUDED.{quote(column)}" for column in update)
        conflict = f"ON CONFLICT ({', '.join(map(quote, key))}) DO UPDATE SET {new}"
    names = [(column, field.attname) for column, field in fields]
    document = json.dumps([{column: getattr(row, name) for column, name in names} for row in in_order], default=str)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(meta.db_table)} ({columns})"  # noqa: S608
            f" SELECT {columns} FROM json_to_recordset(%s::json) AS told({shape}) {conflict}",
            [document],
        )
