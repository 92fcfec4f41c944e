def upgrade(env):
    # Drop collection: audit
    # Not done, it would destroy documents (--allow-drop-collections writes it without the comment marks):
    # env.drop_collection('audit')
    pass
