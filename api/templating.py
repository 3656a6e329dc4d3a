"""Templates with their words in them: each is compiled once for every language, and what a page says in words that are
the same each time stands in the compiled template.

    {{ _("Batch") }}   →   批次 | Batch

Of sixty sentences on a scan page a dozen have facts in them; only those are still looked up when it is asked for.
"""

from functools import partial
from typing import Any, Self

from flask import Flask
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.visitor import NodeTransformer

from api.words import language, say_in, sentence, tell_in, words_for


class Templates(Environment):
    """Flask's templates, in the language of the request. A cache of compiled ones has to tell languages apart."""

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self.tongue: str | None = None
        self._others: dict[str, Self] = {}

    def get_template(self, name: str | Template, *arguments: Any, **named: Any) -> Template:
        """A template by its name; in the language of the request, and those that it uses in the same."""
        if self.tongue is None:
            return self.speaking(language()).get_template(name, *arguments, **named)
        return super().get_template(name, *arguments, **named)

    def speaking(self, tongue: str) -> Self:
        """These templates in one language. Made at the first use, when all that templates may call is registered."""
        spoken = self._others.get(tongue)
        if spoken is None:
            spoken = self.overlay(cache_size=-1)
            spoken.tongue = tongue
            # What is looked up all the same need not ask each time in which language.
            spoken.globals = self.globals | {"_": partial(tell_in, tongue), "say": partial(say_in, tongue)}
            self._others[tongue] = spoken
        return spoken

    def _generate(self, source: nodes.Template, *arguments: Any, **named: Any) -> str:
        spoken = source if self.tongue is None else _Speaker(self.tongue).visit(source)
        return super()._generate(spoken, *arguments, **named)


class _Speaker(NodeTransformer):
    """Puts words in the place of the calls that give the same ones each time."""

    def __init__(self, tongue: str) -> None:
        self._tongue = tongue

    def visit_Call(self, call: nodes.Call) -> nodes.Node:
        """A call of `_`, `say` or `language` with nothing but constants is a constant."""
        self.generic_visit(call)
        known = [argument.value for argument in call.args if isinstance(argument, nodes.Const)]
        if len(known) < len(call.args) or call.kwargs or call.dyn_args or call.dyn_kwargs:
            return call
        match call.node, known:
            case nodes.Name(name="_"), [text]:
                return nodes.Const(sentence(self._tongue, text), lineno=call.lineno)
            case nodes.Name(name="say"), [context, key]:
                return nodes.Const(words_for(self._tongue, context, key), lineno=call.lineno)
            case nodes.Name(name="language"), []:
                return nodes.Const(self._tongue, lineno=call.lineno)
        return call
