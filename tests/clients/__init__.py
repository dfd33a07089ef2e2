"""Clients of the publication, as readers use them."""
