"""The WSGI application of the look-alike identity provider."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "parloir.demo.provider_settings"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
