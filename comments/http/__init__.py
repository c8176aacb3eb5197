"""The only code that knows Flask's requests: parse, call one action or read, present. Holds no permission logic."""
