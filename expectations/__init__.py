"""The gates: what a release must be before it is accepted, and a draft before it is published.

Belongs here: rules generated from declarations and contracts, domain rules as data
(``sources/*.yml``, ``publication.yml``), and ``engine.py``, the only code that runs Great
Expectations. Does not belong here: the orchestrator, and what lies between the two borders, which
dbt tests.
"""
