"""Who may be known by an identity, in the one place where every statement about a person begins."""

from __future__ import annotations

from typing import Final

from personalization.engine.types import IdentityKind
from personalization.models import Identity, Visitor

#: ``p``: the visitor that stands for the person of an identity (parameters: tenant, kind, digests), unless the person
#: refused. A browser whose visitor belongs to a person is nobody's: that person is known alone, who is signed in.
PERSON_ROWS: Final = f"""FROM {Identity._meta.db_table} d
  JOIN {Visitor._meta.db_table} v ON v.id = d.visitor_id
  JOIN {Visitor._meta.db_table} p ON p.id = COALESCE(v.person_id, v.id)
  WHERE d.tenant = %s AND d.kind = %s AND d.digest IN ({{digests}})
    AND p.choice <> {Visitor.Choice.REFUSED.value}
    AND (d.kind <> {IdentityKind.VISITOR.value} OR v.person_id IS NULL OR v.person_id = v.id)"""
