"""comments: a comment and discussion service that a publisher runs beside its site.

`core` decides (pure), `storage` reads and writes SQL, `actions` change things, `http`, `live`, `jobs` and `importers`
are the edges,
`app.create_app` puts them together and `cli` is the operator's command. docs/architecture.md is the map.
"""

__version__ = "0.1.0"
