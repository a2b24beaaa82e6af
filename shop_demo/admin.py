from django.contrib import admin

from shop_demo.models import Category, Order, OrderLine, Price, Product


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    prepopulated_fields = {"slug": ["name"]}


class PriceInline(admin.TabularInline):
    model = Price
    extra = 0


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["name", "sku", "category", "brand", "price", "price_cny", "stock", "available"]
    list_editable = ["stock", "available"]
    list_filter = ["category", "brand", "available"]
    list_select_related = ["category"]
    search_fields = ["name", "name_zh", "sku"]
    inlines = [PriceInline]


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    raw_id_fields = ["product"]
    extra = 0


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["number", "customer", "store", "placed_at", "cancelled_at"]
    list_filter = ["store"]
    list_select_related = ["customer"]
    date_hierarchy = "placed_at"
    raw_id_fields = ["customer"]
    search_fields = ["number", "customer__username"]
    inlines = [OrderLineInline]
