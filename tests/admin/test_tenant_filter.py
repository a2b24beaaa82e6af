import pytest
from django.urls import reverse

from personalization.engine.types import IdentityKind
from personalization.store.visitors import ensure_visitors

pytestmark = pytest.mark.django_db
NOW = 1_700_000_000_000_000


@pytest.mark.parametrize(("tenants", "shown"), [(["", ""], False), (["", "b"], True)])
def test_tenants_are_a_filter_only_where_there_are_several(tenants, shown, admin_client):
    for tenant in tenants:
        ensure_visitors(IdentityKind.USER, ["ann"], tenant=tenant, now=NOW)
    page = admin_client.get(reverse("admin:personalization_visitor_changelist")).content.decode()
    assert ("?tenant=b" in page) is shown
