"""What the law asks of a comment service, as far as it is arithmetic and lists: categories, clocks, statements of
reasons and their public form. Pure; docs/law.md says what of it is not the software's to decide.
"""
