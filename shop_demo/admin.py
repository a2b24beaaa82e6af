from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from shop_demo.models import Category, Order, OrderLine, Price, Product, Return, Variant

if TYPE_CHECKING:
    from django.http import HttpRequest


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    prepopulated_fields = {"slug": ["name"]}


class PriceInline(admin.TabularInline):
    model = Price
    extra = 0


class VariantInline(admin.TabularInline):
    model = Variant
    extra = 0


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["name", "sku", "category", "brand", "price", "price_cny", "stock", "available"]
    list_editable = ["stock", "available"]
    list_filter = ["category", "brand", "available"]
    list_select_related = ["category"]
    search_fields = ["name", "name_zh", "sku"]
    inlines = [VariantInline, PriceInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        super().save_related(request, form, formsets, change)
        form.instance.count_stock()


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    raw_id_fields = ["product", "variant"]
    extra = 0


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["number", "customer", "store", "placed_at", "cancelled_at"]
    list_filter = ["store"]
    list_select_related = ["customer"]
    date_hierarchy = "placed_at"
    raw_id_fields = ["customer"]
    readonly_fields = ["refunded"]
    search_fields = ["number", "customer__username"]
    inlines = [OrderLineInline]


@admin.register(Return)
class ReturnAdmin(admin.ModelAdmin):
    """What came back, to read: stock, money and coupons follow a return where the shop takes it."""

    list_display = ["line", "quantity", "amount", "returned_at"]
    list_select_related = ["line"]
    date_hierarchy = "returned_at"
    search_fields = ["line__order__number"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Return | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Return | None = None) -> bool:
        return False
