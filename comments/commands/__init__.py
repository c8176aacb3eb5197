"""The operator's commands about sites, rules, classifiers and accounts; comments/cli.py has the others and `main`."""
