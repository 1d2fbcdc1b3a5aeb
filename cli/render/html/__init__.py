"""An explanation as one page of HTML that needs nothing else: no server, no network, no framework.

`page.html` says where everything stands, `*.css` and `*.js` beside it how it looks and what it does. What comes from
the bytes goes into the page as text that is escaped, or as JSON that scripts only ever show as text. The page forbids
itself everything but the one style sheet and the one script that it brought, so even a slip here would start nothing.
"""

from .page import pieces, write

__all__ = ["pieces", "write"]
