def downgrade(env):
    # Change collection: note
    env.db['note'].drop_index('title_text_body_text')
    env.db['note'].create_index([("title", "text")])
