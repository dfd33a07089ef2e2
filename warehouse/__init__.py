"""Everything that is kept: landed bytes, accepted tables, outcomes, drafts and publications.

Belongs here: the layout of all paths, durable writing, the landing store, accepted Parquet,
quarantine, outcome rows, the draft that dbt fills, promoting, versions and reading them. Does not
belong here: providers and their protocols, quality rules, the orchestrator.
"""
