"""How a number of people is told to everybody: rounded down, and nothing of a few. Pure; for live presence."""

FEWEST = 5  # people; who is almost alone on a page is not pointed at


def rounded(people: int) -> int:
    """At least so many: 0 below FEWEST, fives below a hundred, then two digits (1,234 is 1,200)."""
    if people < 100:
        return people // FEWEST * FEWEST
    step = int(10 ** (len(str(people)) - 2))
    return people // step * step
