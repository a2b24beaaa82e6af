"""Who stands for visitors, for learning: looked up in arrays, as a join would ask again for every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.db import connections, router

from personalization.models import Visitor
from personalization.store.id_ranges import id_ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Owners:
    """Visitors that belong to somebody, as parallel arrays.

    visitor : int64 (n,)  ascending ids
    person  : int64 (n,)  the visitor that stands for the owner of each
    """

    visitor: NDArray[np.int64]
    person: NDArray[np.int64]

    def of(self, visitors: NDArray[np.int64]) -> NDArray[np.int64]:
        """Who stands for each of the visitors, int64 (m,): itself while nobody is known."""
        if not len(self.visitor):
            return visitors
        place = np.minimum(np.searchsorted(self.visitor, visitors), len(self.visitor) - 1)
        return np.where(self.visitor[place] == visitors, self.person[place], visitors)


def read_owners(tenant: str) -> Owners:
    """The owners of a tenant's visitors."""
    connection = connections[router.db_for_read(Visitor)]
    sql = (
        f"SELECT id, person_id FROM {connection.ops.quote_name(Visitor._meta.db_table)} "
        "WHERE id >= %s AND id < %s AND tenant = %s AND person_id IS NOT NULL ORDER BY id"
    )
    blocks = [np.empty((0, 2), np.int64)]
    with connection.cursor() as cursor:
        for first, behind in id_ranges(cursor, Visitor):
            cursor.execute(sql, [first, behind, tenant])
            blocks.append(np.array(cursor.fetchall(), np.int64).reshape(-1, 2))
    visitor, person = np.concatenate(blocks).T
    return Owners(np.ascontiguousarray(visitor), np.ascontiguousarray(person))
