from treering.models import import_models

import_models(__name__ + ".mongodb_schema")  # may import Collection and Index from itself
