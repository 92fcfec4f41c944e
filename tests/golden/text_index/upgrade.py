def upgrade(env):
    # Change collection: note
    env.db['note'].drop_index('title_text')
    env.db['note'].create_index(
        [("title", "text"), ("body", "text")],
        default_language='french',
        weights={'title': 10},
    )
