"""Coupons and promotions: quote, issue, reserve, redeem, release."""
