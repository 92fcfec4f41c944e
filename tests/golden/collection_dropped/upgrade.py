def upgrade(env):
    # Drop collection: audit
    env.drop_collection('audit')
