"""The use ledger: one row a case and evaluation, which the database itself lets nobody change or delete."""
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
REFUSED = "case_use is append-only"
SQLITE = [f"CREATE TRIGGER case_use_no_{verb.lower()} BEFORE {verb} ON case_use BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
          for verb in ("UPDATE", "DELETE")]
POSTGRESQL = [
    f"CREATE FUNCTION case_use_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$",
    "CREATE TRIGGER case_use_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_use "
    "FOR EACH STATEMENT EXECUTE FUNCTION case_use_append_only()"]


def upgrade() -> None:
    op.create_table('case_use',
    sa.Column('evaluation_id', sa.String(length=64), nullable=False),
    sa.Column('token', sa.String(length=64), nullable=False),
    sa.Column('dataset_id', sa.String(length=96), nullable=False),
    sa.Column('dataset_version', sa.String(length=32), nullable=False),
    sa.Column('entity', sa.String(length=64), nullable=False),
    sa.Column('used_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('evaluation_id', 'token')
    )
    op.create_index('ix_case_use_set', 'case_use', ['dataset_id', 'dataset_version'], unique=False)
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}.get(op.get_bind().dialect.name, []):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table('case_use')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION case_use_append_only()")
