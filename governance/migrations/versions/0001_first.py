"""The first shape of the governance database."""
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table('approval',
    sa.Column('approval_id', sa.String(length=64), nullable=False),
    sa.Column('object', sa.String(length=200), nullable=False),
    sa.Column('purpose', sa.String(length=64), nullable=False),
    sa.Column('requester', sa.String(length=160), nullable=False),
    sa.Column('approver', sa.String(length=160), nullable=True),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('requested_at', sa.String(length=32), nullable=False),
    sa.Column('decided_at', sa.String(length=32), nullable=True),
    sa.Column('expires_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('approval_id')
    )
    op.create_index(op.f('ix_approval_object'), 'approval', ['object'], unique=False)
    op.create_table('dataset',
    sa.Column('dataset_id', sa.String(length=96), nullable=False),
    sa.Column('version', sa.String(length=32), nullable=False),
    sa.Column('task', sa.String(length=96), nullable=False),
    sa.Column('visibility', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('manifest_sha256', sa.String(length=64), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('frozen_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('dataset_id', 'version')
    )
    op.create_table('evaluation',
    sa.Column('evaluation_id', sa.String(length=64), nullable=False),
    sa.Column('submission_id', sa.String(length=64), nullable=False),
    sa.Column('dataset_id', sa.String(length=96), nullable=False),
    sa.Column('dataset_version', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('end_state', sa.String(length=32), nullable=True),
    sa.Column('cause', sa.String(length=64), nullable=True),
    sa.Column('charged', sa.Boolean(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('started_at', sa.String(length=32), nullable=False),
    sa.Column('ended_at', sa.String(length=32), nullable=True),
    sa.PrimaryKeyConstraint('evaluation_id')
    )
    op.create_index(op.f('ix_evaluation_submission_id'), 'evaluation', ['submission_id'], unique=False)
    op.create_table('lease',
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('holder', sa.String(length=96), nullable=False),
    sa.Column('expires_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('lineage',
    sa.Column('edge_id', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('target', sa.String(length=200), nullable=False),
    sa.Column('relation', sa.String(length=48), nullable=False),
    sa.Column('receipt_id', sa.String(length=64), nullable=True),
    sa.Column('at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('edge_id')
    )
    op.create_index(op.f('ix_lineage_source'), 'lineage', ['source'], unique=False)
    op.create_index(op.f('ix_lineage_target'), 'lineage', ['target'], unique=False)
    op.create_table('receipt',
    sa.Column('receipt_id', sa.String(length=64), nullable=False),
    sa.Column('site_id', sa.String(length=64), nullable=False),
    sa.Column('as_of', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('step', sa.String(length=32), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('started_at', sa.String(length=32), nullable=False),
    sa.Column('ended_at', sa.String(length=32), nullable=True),
    sa.PrimaryKeyConstraint('receipt_id')
    )
    op.create_index(op.f('ix_receipt_site_id'), 'receipt', ['site_id'], unique=False)
    op.create_table('request',
    sa.Column('request_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('actor', sa.String(length=160), nullable=False),
    sa.Column('params', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('result', sa.JSON(), nullable=True),
    sa.Column('asked_at', sa.String(length=32), nullable=False),
    sa.Column('ended_at', sa.String(length=32), nullable=True),
    sa.PrimaryKeyConstraint('request_id')
    )
    op.create_table('site',
    sa.Column('site_id', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('changed_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('site_id')
    )
    op.create_table('submission',
    sa.Column('submission_id', sa.String(length=64), nullable=False),
    sa.Column('legal_entity', sa.String(length=200), nullable=False),
    sa.Column('device_family', sa.String(length=200), nullable=False),
    sa.Column('device_version', sa.String(length=100), nullable=False),
    sa.Column('task', sa.String(length=96), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('submitted_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('submission_id')
    )
    op.create_index(op.f('ix_submission_legal_entity'), 'submission', ['legal_entity'], unique=False)
    op.create_table('watermark',
    sa.Column('site_id', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=96), nullable=False),
    sa.Column('value', sa.String(length=64), nullable=False),
    sa.Column('receipt_id', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('site_id', 'source')
    )


def downgrade() -> None:
    op.drop_table('watermark')
    op.drop_index(op.f('ix_submission_legal_entity'), table_name='submission')
    op.drop_table('submission')
    op.drop_table('site')
    op.drop_table('request')
    op.drop_index(op.f('ix_receipt_site_id'), table_name='receipt')
    op.drop_table('receipt')
    op.drop_index(op.f('ix_lineage_target'), table_name='lineage')
    op.drop_index(op.f('ix_lineage_source'), table_name='lineage')
    op.drop_table('lineage')
    op.drop_table('lease')
    op.drop_index(op.f('ix_evaluation_submission_id'), table_name='evaluation')
    op.drop_table('evaluation')
    op.drop_table('dataset')
    op.drop_index(op.f('ix_approval_object'), table_name='approval')
    op.drop_table('approval')
