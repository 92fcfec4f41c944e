from treering import MigrationManager as MigrationManager
