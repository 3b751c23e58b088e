"""Pages of a long list, numbered « 1 2 … 8 »."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


class NumberedPage(Page[Any]):
    """A page that knows which numbers to show around its own."""

    @property
    def pages_list(self) -> Iterator[str | int]:
        return self.paginator.get_elided_page_range(self.number, on_each_side=2, on_ends=1)


def paginate(rows: QuerySet[Any, Any] | list[Any], request: HttpRequest, *, size: int = PAGE_SIZE) -> NumberedPage:
    """The page asked by `?page=`; the nearest that exists when the number is wrong. `rows` must be ordered."""
    page = Paginator(rows, size).get_page(request.GET.get("page"))
    return NumberedPage(page.object_list, page.number, page.paginator)


def paginate_keys_first(rows: QuerySet[Any, Any], request: HttpRequest, *, size: int = PAGE_SIZE) -> NumberedPage:
    """The same, for rows with costly annotations: they are computed for the rows shown, not for those skipped."""
    page = paginate(rows.values_list("pk", flat=True), request, size=size)
    page.object_list = rows.filter(pk__in=list(page.object_list))
    return page
