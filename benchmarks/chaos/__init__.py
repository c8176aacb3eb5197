"""Faults under load, each in a file of its own, against a real service: nothing that was answered 201 may be lost."""
