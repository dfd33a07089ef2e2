"""From a provider's bytes to typed rows, and nothing else.

Belongs here: source declarations, one module per provider protocol, the HTTP client, parsing
and casting. Does not belong here: the orchestrator, dbt, Great Expectations, the warehouse file,
the environment and the clock; what this package needs of those is handed to it.
"""
