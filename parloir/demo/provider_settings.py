"""The settings of the look-alike identity provider: a site and a process of its own, without a database.

It reads the very variables the product reads, so that both agree on who is declared and how.
"""

from __future__ import annotations

import os

# The product's settings ask for a database; the look-alike opens none.
os.environ.setdefault("DATABASE_URL", "postgresql:///unused")

from parloir.config import env
from parloir.config import settings as product

if not product.DEV:
    env.refuse("DEV", "the look-alike identity provider exists only in development")

DEV = True
DEBUG = False
SECRET_KEY = f"{product.SECRET_KEY}-look-alike"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
SITE_URL = product.SITE_URL
FRANCECONNECT = product.FRANCECONNECT
DATABASES: dict[str, dict[str, str]] = {}
INSTALLED_APPS = ["parloir.demo.provider"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "parloir.demo.provider.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
LANGUAGE_CODE = "fr"
USE_TZ = True
TIME_ZONE = "Europe/Paris"
CSRF_COOKIE_NAME = "csrf_fournisseur"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CSP = {
    "default-src": ["'none'"],
    "style-src": ["'self'"],
    "img-src": ["data:"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    # Choosing a persona is a form here, answered by a redirection to the product.
    "form-action": ["'self'", env.origin(SITE_URL)],
}
LOGGING_CONFIG = None
