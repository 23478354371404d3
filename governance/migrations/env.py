"""Alembic's door into the governance database. `open_store` hands its connection over in the attributes."""
from alembic import context

from governance.store import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
