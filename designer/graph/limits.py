"""How large a definition may be, and what it makes. Refused with a sentence, never with a crash."""

MOST_BYTES = 512 * 1024  # of a document, contracts aside
MOST_STEPS = 500
MOST_ITEMS = 10_000  # of a map, and rounds of a loop
MOST_NESTING = 5  # scopes within scopes
MOST_RUNS_DEEP = 20  # runs that are started by runs
MOST_DEPTH = 50  # objects and lists within each other
MOST_NODES = 20_000  # values in one document
LARGEST_INTEGER = 2**63 - 1  # what expressions and databases can count to
