"""The whole of deploy/ run on this machine, without containers: `deploy/rehearse` and tests/deploy use it."""
