"""Public figures that ship with the product, behind the protocols of their own providers.

Here belong the recorded figures (``data/``, described in ``manifest.json``) and the emulators that
answer a request as the provider would: one module or family of modules per protocol, and
``adapter.SnapshotAdapter``, which mounts them on a ``requests.Session``. What a provider does and
the snapshot cannot is said in ``manifest.json`` under ``coarser_than_provider``.

Not here: reading the answers (``ingestion.protocols``) and misbehaving answers (tests).
"""
