"""The orchestrator: settings, the run, Dagster definitions and the command line.

Belongs here: what starts, in which order, with which settings, and how it is told. Does not belong
here: business rules; they live in ingestion, expectations, warehouse and the dbt project.
"""
