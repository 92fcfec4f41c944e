def upgrade(env):
    # Create collection: weather
    env.create_collection(
        'weather',
        expireAfterSeconds=86400,
        timeseries={'timeField': 'at', 'metaField': 'sensor', 'granularity': 'minutes'},
    )
    env.db['weather'].create_index([("sensor", 1), ("at", -1)])
    
    # Create view: latest
    env.create_collection('latest', pipeline=[{'$sort': {'at': -1}}, {'$limit': 10}], viewOn='weather')
    
    # Create collection: clustered
    env.create_collection('clustered', clusteredIndex={'key': {'_id': 1}, 'name': 'by id', 'unique': True})
