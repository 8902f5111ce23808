"""A checked playbook, compiled: sections to frozen values, defaults filled in, libraries joined."""

from decimal import Decimal

from engine.model.errors import Issue
from engine.model.listen import Listen, Quotes
from engine.model.playbook import (
    ContractDefault,
    ExpiryDefault,
    PartDefault,
    Playbook,
    ReadDefaults,
    RefuseWhen,
    StrikeChoice,
)
from engine.model.reading import ReadRules, Source
from engine.model.rule import RULE_NAMES, RefuseRule, RuleName
from engine.playbook.bound import Bound
from engine.playbook.compile_examples import compile_examples
from engine.playbook.compile_exits import compile_exits
from engine.playbook.compile_ladder import compile_ladders
from engine.playbook.compile_limits import compile_allow, compile_risk, compile_size
from engine.playbook.compile_listen import compile_listen
from engine.playbook.compile_read import compile_reading, written_words
from engine.playbook.compile_stages import compile_notify, compile_stages
from engine.playbook.expression import compile_condition
from engine.playbook.libraries import Libraries, Library
from engine.playbook.section import Section, source_of, value_as


def compile_library(bound: Bound, *, is_shipped: bool) -> Library:
    """Return the library of a checked file."""
    section = Section(bound, bound.span)
    return Library(
        name=section.text("library"),
        span=section.span_of("library"),
        rules=compile_reading(section),
        words=tuple(written_words(section)),
        uses=tuple(source_of(bound) for bound in section.items("use")),
        is_shipped=is_shipped,
    )


def compile_playbook(bound: Bound, libraries: Libraries) -> tuple[Playbook, tuple[Issue, ...]]:
    """Return the playbook of a checked file, and the names in it that lead nowhere."""
    playbook = Section(bound, bound.span)
    issues: list[Issue] = []
    read = playbook.section("read")
    listen = compile_listen(playbook.section("listen"), playbook.section("size").amount_if_written("percent"))
    ladders = compile_ladders(playbook, issues)
    compiled = Playbook(
        name=playbook.text("playbook"),
        span=playbook.span_of("playbook"),
        file=bound.span.file,
        about=playbook.text("about"),
        owner=playbook.text("owner"),
        enabled=playbook.flag("enabled", default=True),
        enabled_span=playbook.span_of("enabled"),
        listen=listen,
        libraries=read.texts("use"),
        read=_read(read, libraries, listen, issues),
        defaults=_defaults(read.section("defaults")),
        refuse_when=tuple(_refuse_when(rule) for rule in read.sections("refuse_when")),
        allow=compile_allow(playbook.section("allow")),
        size=compile_size(playbook.section("size")),
        ladders=ladders.written,
        open_ladder=ladders.open,
        close_ladder=ladders.close,
        exits=compile_exits(playbook.section("exits"), ladders, issues),
        risk=compile_risk(playbook.section("risk")),
        stages=compile_stages(playbook.section("stages")),
        notify=compile_notify(playbook.section("notify"), issues),
        examples=compile_examples(playbook.sections("examples"), listen),
    )
    return compiled, tuple(issues)


def _read(read: Section, libraries: Libraries, listen: Listen, issues: list[Issue]) -> ReadRules:
    names = read.texts("use")
    unknown = [libraries.unknown(value_as(bound, str), bound.span) for bound in read.items("use")]
    issues.extend(issue for issue in unknown if issue)
    issues.extend(libraries.clashes(names, written_words(read)))
    return libraries.join(names, compile_reading(read), reads_quotes=listen.quotes is Quotes.READ)


def _defaults(defaults: Section) -> ReadDefaults:
    return ReadDefaults(_expiry(defaults), _contract(defaults.section("contract")), _part(defaults))


def _expiry(defaults: Section) -> ExpiryDefault | None:
    bound = defaults.get("expiry")
    if bound is None:
        return None
    if isinstance(bound.value, str):
        return ExpiryDefault(frozenset(), None, _expiry_name(bound.value), bound.span)
    expiry = Section(bound, bound.span)
    other = _expiry_name(expiry.text("else")) if "else" in expiry else None
    return ExpiryDefault(frozenset(expiry.texts("symbols")), _expiry_name(expiry.text("is")), other, bound.span)


def _expiry_name(text: str) -> str:
    return text.replace(" ", "_")


def _contract(contract: Section) -> ContractDefault | None:
    if not contract.is_written:
        return None
    first, last = contract.range("dte")
    choice, _, delta = contract.text("strike").partition(" ")
    return ContractDefault(first, last, StrikeChoice(choice), Decimal(delta or 0), contract.span)


def _part(defaults: Section) -> PartDefault | None:
    fraction = defaults.amount_if_written("part")
    return None if fraction is None else PartDefault(fraction, defaults.span_of("part"))


def _refuse_when(rule: Section) -> RefuseWhen:
    bound = rule.get("if")
    condition = source_of(bound) if bound else Source("", rule.span)
    return RefuseWhen(condition, rule.text("code"), rule.text("say"), condition.span)


def compile_rules(playbook: Playbook) -> tuple[tuple[RefuseRule, ...], tuple[Issue, ...]]:
    """Return the conditions of a playbook ready to run, and what is wrong with the others."""
    names = _names_of(playbook)
    rules: list[RefuseRule] = []
    issues: list[Issue] = []
    for written in playbook.refuse_when:
        test, found = compile_condition(written.condition, names)
        issues.extend(found)
        if test is not None:
            rules.append(RefuseRule(written.code, written.condition.text, written.span, test, written.say))
    return tuple(rules), tuple(issues)


def _names_of(playbook: Playbook) -> tuple[RuleName, ...]:
    """Return the names of conditions, those of authors, channels and patterns narrowed to the playbook's own."""
    choices = {
        "author": tuple(author.name for author in playbook.listen.authors),
        "channel": tuple(channel.name for channel in playbook.listen.channels),
        "pattern": tuple(dict.fromkeys(pattern.name for pattern in playbook.read.patterns)),
    }
    return tuple(
        RuleName(rule.name, rule.kind, rule.meaning, choices.get(rule.name, rule.choices), rule.is_capitals)
        for rule in RULE_NAMES
    )
