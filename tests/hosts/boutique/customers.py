"""Customers sign in with their e-mail address; they have no user name."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone


class CustomerManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Customer:
        customer = self.model(email=self.normalize_email(email), **fields)
        customer.set_password(password)
        customer.save(using=self._db)
        return customer

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Customer:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Customer(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("电子邮箱", unique=True)
    name = models.CharField("姓名", max_length=80, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = CustomerManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        app_label = "boutique"
        verbose_name = "顾客"
        verbose_name_plural = "顾客"

    def __str__(self) -> str:
        return self.email
