"""Numbers as people read them."""


def percent(part: float, digits: int = 0) -> str:
    """Return a part of one in per cent.

    >>> percent(0.066), percent(0.5719, 1)
    ('7 %', '57.2 %')
    """
    return f"{100 * part:.{digits}f} %"
