"""Figures as people say them."""


def percent(part: float) -> str:
    """Return a part of one.

    >>> percent(0.624), percent(0.004), percent(0.997), percent(1.0)
    ('62 %', 'under 1 %', 'over 99 %', '100 %')
    """
    if 0 < part < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < part < 1 else f"{100 * part:.0f} %"


def duration(seconds: float) -> str:
    """Return a duration.

    >>> duration(2.44), duration(95), duration(600)
    ('2.4 s', '1 min 35 s', '10 min')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
