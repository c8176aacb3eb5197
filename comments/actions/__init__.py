"""The only code that changes anything: one function for each thing that can happen, each inside a Transaction it is
given.
"""
