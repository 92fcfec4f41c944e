def downgrade(env):
    # Rebuild collection: event
    # The documents are copied, and writes made meanwhile are lost: stop the writers first.
    env.create_collection('treering_rebuild.event')
    env.db['treering_rebuild.event'].create_index("at")
    env.db['event'].aggregate([{'$merge': {'into': 'treering_rebuild.event'}}])
    env.db['treering_rebuild.event'].rename('event', dropTarget=True)
