"""The demo: a small newspaper with the widget on it, and what fills the service for it.

The newspaper (newspaper.py, readers.py, tokens.py, pages.py, notice.py) stands for a publisher's site: it has the
site's key, its secret or private key and the address of embed.js, and imports nothing of the service. seed.py and
command.py are on our side.
"""
