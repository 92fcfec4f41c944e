def upgrade(env):
    pass
