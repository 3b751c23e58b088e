"""Queries whose text is made once. Building and compiling one of thirty columns costs Django ten times its execution.

`Prepared` is for the few queries that every page of an establishment makes, `insert` and `update` for the rows that an
answer writes; everything else is a QuerySet. The text comes from Django's own compiler, rows become the same objects.
PostgreSQL plans each once a connection: planning a join of eight tables costs it more than running it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.backends.utils import CursorWrapper
from django.db.models import Value
from django.db.models.base import ModelState
from django.db.models.query import RelatedPopulator, get_related_populators
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Given:
    """Stands in the text for what each use gives under that name, or for one of several."""

    name: str
    place: int | None = None


class Prepared(Generic[Row]):
    """`make` builds the QuerySet once an engine, from expressions; the names of `lists` are those of lists of them.

    Called with values, it gives the rows of that QuerySet. Lists of another length have a text of their own: theirs
    are short and bounded.
    """

    def __init__(self, make: Callable[..., models.QuerySet[Row]], *names: str, lists: Sequence[str] = ()) -> None:
        self.make, self.names, self.lists = make, names, lists
        self._plans: dict[tuple[Any, ...], _Plan] = {}

    def __call__(self, **given: Any) -> list[Row]:
        lengths = [len(given[name]) for name in self.lists]
        plan = self._plans.get((connection.vendor, *lengths)) or self._planned(lengths)
        if plan.is_locking and connection.get_autocommit():
            raise TransactionManagementError("a query that locks is for a transaction")
        with _cursor() as cursor:
            cursor.execute(plan.sql, [_value(one, given) for one in plan.parameters])
            return [plan.made(row) for row in cursor.fetchall()]

    def first(self, **given: Any) -> Row | None:
        return next(iter(self(**given)), None)

    def question(self) -> tuple[str, Sequence[Any]]:
        """The text and the parameters of that query, to stand inside another; for one without lists."""
        plan = self._plans.get((connection.vendor,)) or self._planned([])
        return plan.sql, plan.parameters

    def _planned(self, lengths: Sequence[int]) -> _Plan:
        single = {name: Value(Given(name)) for name in self.names}
        lists = {
            name: [Value(Given(name, place)) for place in range(length)]
            for name, length in zip(self.lists, lengths, strict=True)
        }
        plan = self._plans[connection.vendor, *lengths] = _Plan.of(self.make(**single, **lists))
        return plan


@dataclass(frozen=True)
class _Plan:
    """A text for one engine, and how its rows become objects: what `ModelIterable` works out at each use."""

    sql: str
    parameters: Sequence[Any]
    is_locking: bool
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]
    model: type[models.Model]
    columns: slice
    fields: Sequence[str]
    related: Sequence[RelatedPopulator]
    annotations: Mapping[str, int]

    @classmethod
    def of(cls, rows: models.QuerySet[Any]) -> _Plan:
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        info, select = compiler.klass_info, compiler.select
        columns = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        converters = compiler.get_converters([column[0] for column in select])
        return cls(
            sql=sql,
            parameters=parameters,
            is_locking=rows.query.select_for_update,
            converters=[(place, functions, column) for place, (functions, column) in converters.items()],
            model=info["model"],
            columns=columns,
            fields=[column[0].target.attname for column in select[columns]],
            related=get_related_populators(info, select, DEFAULT_DB_ALIAS),  # type: ignore[call-arg]  # stubs of Django 6
            annotations=compiler.annotation_col_map or {},
        )

    def made(self, found: Sequence[Any]) -> Any:
        row = list(found)
        for place, functions, column in self.converters:
            for function in functions:
                row[place] = function(row[place], column, connection)
        made = _object(self.model, self.fields, row[self.columns])
        _relate(made, row, self.related)
        for name, place in self.annotations.items():
            setattr(made, name, row[place])
        return made


def _object(model: type[models.Model], fields: Sequence[str], values: Sequence[Any]) -> models.Model:
    """`model.from_db(…)`, which asks each column whether it was read; what is not there is read when it is used."""
    made = model.__new__(model)
    made._state = ModelState()
    made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
    made.__dict__.update(zip(fields, values, strict=True))
    return made


def _relate(owner: models.Model, row: Sequence[Any], related: Sequence[RelatedPopulator]) -> None:
    for one in related:
        values = row[one.cols_start : one.cols_end]
        made = None if values[one.pk_idx] is None else _object(one.model_cls, one.init_list, values)
        one.local_setter(owner, made)
        if made is not None:
            one.remote_setter(made, owner)
            _relate(made, row, one.related_populators)


def _value(parameter: Any, given: Mapping[str, Any]) -> Any:
    if not isinstance(parameter, Given):
        return parameter
    value = given[parameter.name]
    return value if parameter.place is None else value[parameter.place]


def insert(row: models.Model) -> None:
    """`row.save(force_insert=True)`, for a model whose key the database draws."""
    _insert(row)


def insert_asking(row: models.Model, exists: Prepared[Any], **given: Any) -> bool:
    """`insert`, and whether that query finds a row, as the very same statement sees it."""
    question, parameters = exists.question()
    return bool(_insert(row, f", EXISTS({question})", [_value(one, given) for one in parameters])[0])


def _insert(row: models.Model, told: str = "", parameters: Sequence[Any] = ()) -> Sequence[Any]:
    """The row written, and what else the statement tells."""
    sql, fields = _insertion(type(row))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    row.pk, *others = _one(f"{sql}{told}", [*values, *parameters]) or ()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return others


def update(row: models.Model, names: tuple[str, ...]) -> None:
    """`row.save(update_fields=names)`. Raises `ObjectDoesNotExist` when the row is not there any more."""
    if not update_from(row, names):
        raise ObjectDoesNotExist


def _cursor() -> CursorWrapper:
    """Django's own; for PostgreSQL one that leaves the values to the server, so that psycopg can prepare the text."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: PLC0415  # psycopg is slow to load

    connection.ensure_connection()
    cursor = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]  # stubs of another psycopg
    prepared: CursorWrapper = connection._prepare_cursor(cursor)  # type: ignore[attr-defined]  # as `connection.cursor()`
    return prepared


def update_from(row: models.Model, names: tuple[str, ...], **before: Any) -> bool:
    """`update`, of a row that still holds these values: whoever was there first is not written over."""
    sql, fields = _change(type(row), names, tuple(before))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    return _one(sql, [*values, row.pk, *before.values()]) is not None


def _one(sql: str, values: Sequence[Any]) -> Sequence[Any] | None:
    with _cursor() as cursor:
        cursor.execute(sql, values)
        found: Sequence[Any] | None = cursor.fetchone()
    return found


@cache
def _insertion(model: type[models.Model]) -> tuple[str, Sequence[models.Field[Any, Any]]]:
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    key = model._meta.pk.column
    sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places}) RETURNING "{key}"'  # noqa: S608  # names of ours
    return sql, fields


@cache
def _change(
    model: type[models.Model], names: tuple[str, ...], before: tuple[str, ...] = ()
) -> tuple[str, Sequence[Any]]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    places = ", ".join(f'"{field.column}" = %s' for field in fields)
    key = model._meta.pk.column
    still = "".join(f' AND "{model._meta.get_field(name).column}" = %s' for name in before)  # type: ignore[union-attr]
    sql = f'UPDATE "{model._meta.db_table}" SET {places} WHERE "{key}" = %s{still} RETURNING "{key}"'  # noqa: S608  # names of ours
    return sql, fields
