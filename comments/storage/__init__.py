"""The only code that writes SQL. Edges may read here directly; only `actions` write through a Transaction."""
