def downgrade(env):
    # Create collection: audit
    env.create_collection('audit', capped=True, size=4096)
    env.db['audit'].create_index("at")
