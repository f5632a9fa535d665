"""How jobs are put off: always in the transaction of what they speak of, in a worker too.

The library gives its worker connections of its own, and by default whatever a job puts off goes through
them: it would be committed at once. Another thread could then run it before there is anything to see, and
a transaction that is undone would leave it behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.connector import BaseAsyncConnector, BaseConnector


def keep_jobs_in_their_transaction(app: App) -> None:
    """Have jobs written through Django's connection, whoever puts them off. Called once, when the service starts."""
    app.connector = app.job_manager.connector = TransactionalConnector()


class TransactionalConnector(DjangoConnector):
    """Django's connection, for the site, for commands, and for what jobs put off themselves."""

    def get_worker_connector(self) -> BaseAsyncConnector:
        """Return what a worker finds, ends and awaits its jobs through."""
        return _WorkerConnector(kwargs=connector_params(self.alias), for_tasks=self)


class _WorkerConnector(PsycopgConnector):
    """The worker's own connections, which its loop uses; its tasks, which are not of the loop, use Django's."""

    def __init__(self, *, for_tasks: BaseConnector, **pool: Any) -> None:
        super().__init__(**pool)
        self._for_tasks = for_tasks

    def get_sync_connector(self) -> BaseConnector:
        """Return what a task puts off jobs through: the connection, and the transaction, of its own thread."""
        return self._for_tasks
