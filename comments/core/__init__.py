"""Pure decisions: no database, no network, no clock, no framework. Everybody may import it; it imports nobody of
ours.
"""
