def downgrade(env):
    pass
