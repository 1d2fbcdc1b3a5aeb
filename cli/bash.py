"""Completion in bash, which takes `=` for the end of a word: `-s value=js` reaches us as `value`, `=` and `js`."""

from __future__ import annotations

from click.shell_completion import BashComplete, CompletionItem, add_completion_class

EQUALS = "="


class WholeWords(BashComplete):
    """Puts such words together again, and answers with what bash is to put behind the `=`."""

    name = "bash"

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """The offers for the last word."""
        if incomplete == EQUALS and args:
            args, incomplete = args[:-1], args[-1] + EQUALS
        elif len(args) > 1 and args[-1] == EQUALS:
            args, incomplete = args[:-2], args[-2] + EQUALS + incomplete
        else:
            return super().get_completions(args, incomplete)
        head, equals, _ = incomplete.rpartition(EQUALS)
        offers = super().get_completions(args, incomplete)
        return [CompletionItem(str(one.value).removeprefix(head + equals), one.type, one.help) for one in offers]


def use() -> None:
    """Makes it the class for bash."""
    add_completion_class(WholeWords)
