"""Runs migrations on the connection that `Store.migrate` hands over."""

from alembic import context

from syncd.store.migrating import tell_what_it_works_with
from syncd.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
tell_what_it_works_with(context.config.attributes["connection"])
