"""How the service is seen from outside: figures for /metrics, log lines, traces. Everybody may count here; what is here
knows nobody, and nothing in it is personal.
"""
