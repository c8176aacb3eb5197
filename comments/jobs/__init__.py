"""What may happen later: which events want which jobs, and the worker that does them."""
