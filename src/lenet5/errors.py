"""The one kind of error that is meant for a person."""


class UserError(Exception):
    """Something the user can mend. Its text is one line: the key or file, what is wrong, what would be right."""
