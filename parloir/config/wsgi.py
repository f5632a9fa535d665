"""The WSGI application, which ``parloir.config.serve`` serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parloir.config.settings")
# Nobody waits longer for a page, and no page keeps the database busy longer.
os.environ.setdefault("STATEMENT_TIMEOUT", "10s")

application = get_wsgi_application()
