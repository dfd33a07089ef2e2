"""What municipalities hand in: the reporting form, its safe reader, its cells turned into facts.

Belongs here: everything that can be known from one file, the form and the registers. What needs
other submissions or public figures is judged by ``expectations``; what is kept, by ``warehouse``.
"""
