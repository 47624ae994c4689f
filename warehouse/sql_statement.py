"""What may be asked in SQL: one statement that reads the tables and views, and nothing else.

DuckDB's file access is off when a statement runs (`warehouse.sql`); this is the second lock. It
judges the parsed statement, not its text: DuckDB writes it down as JSON, in which every part must
be a question, also behind WITH, and every function that stands where a table would must be one of a
few. So nothing depends on what the next version of DuckDB lets a new function do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import duckdb

from calls.errors import QueryRefused, UsageError

REMEDY = "Allowed is one SELECT (or WITH … SELECT, FROM …, DESCRIBE, SHOW TABLES) or EXPLAIN."

_QUESTIONS = frozenset({"CTE_NODE", "RECURSIVE_CTE_NODE", "SELECT_NODE", "SET_OPERATION_NODE"})
"""The parts a question may have; what changes something (`WITH x AS (DELETE …)`) has others."""

_TABLE_FUNCTIONS = ("generate_series", "json_each", "json_tree", "range", "repeat", "unnest")
"""What may stand where a table would: functions that make rows out of what they are given."""

# They tell about this machine, or write into a log.
_REFUSED_FUNCTIONS = frozenset({"current_setting", "getenv", "write_log"})
_EXPLAIN_WORDS = frozenset({"analyze", "explain", "verbose"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that may be asked, and the names of its parameters (`$team`)."""

    text: str
    parameters: frozenset[str]


def one_statement(sql: str) -> Statement:
    """The statement, when there is exactly one and it only reads the tables.

    Raises:
        QueryRefused: if there is not exactly one, or it does more than read the tables.
        UsageError: with DuckDB's own words, if it can't be parsed.
    """
    try:
        sql.encode()
        statements = duckdb.extract_statements(sql)
    except UnicodeEncodeError as error:
        raise UsageError(f"The statement is not UTF-8: {error.reason}. {REMEDY}") from error
    except duckdb.Error as error:
        raise UsageError(f"{str(error).strip()}\n{REMEDY}") from error
    if len(statements) != 1:
        raise QueryRefused(f"{len(statements)} statements were given. {REMEDY}")
    (statement,) = statements
    kind = _kind(statement)
    if kind not in ("SELECT", "EXPLAIN"):
        raise QueryRefused(f"{_refusal(kind)} {REMEDY}")
    text = statement.query
    _require_reading(_explained(text) if kind == "EXPLAIN" else text)
    return Statement(text, frozenset(statement.named_parameters))


def _kind(statement: duckdb.Statement) -> str:
    try:
        return str(statement.type.name)
    except ValueError:  # DuckDB has statements that its Python package knows no name for
        return "This"


def _refusal(kind: str) -> str:
    if kind == "MULTI":
        return (
            "PIVOT must name the values that become columns: "
            "PIVOT moments ON label IN ('claim', 'aha') USING count(*)."
        )
    return f"{kind} is not allowed."


def _explained(sql: str) -> str:
    """The statement behind EXPLAIN, and behind its options."""
    starts = [start for start, kind in duckdb.tokenize(sql) if kind != duckdb.token_type.comment]
    words = [
        sql[start:end].strip() for start, end in zip(starts, [*starts[1:], len(sql)], strict=True)
    ]
    at = 0
    while at < len(words) and _word(words[at]) in _EXPLAIN_WORDS:
        at += 1
    if at >= len(words):
        return ""
    rest = sql[starts[at] :]
    if not words[at].startswith("(") or _parsed(rest) is not None:
        return rest
    closing = next((n for n in range(at, len(words)) if words[n].startswith(")")), len(words))
    return sql[starts[closing + 1] :] if closing + 1 < len(words) else ""


def _word(token: str) -> str:
    """A token in lower case, without the comment that may trail behind it."""
    return token.split(maxsplit=1)[0].partition("--")[0].partition("/*")[0].lower() if token else ""


def _require_reading(sql: str) -> None:
    """Returns when every part of the statement is a question to tables and harmless functions."""
    parsed = _parsed(sql)
    if parsed is None:
        raise QueryRefused(f"The statement is more than a question. {REMEDY}")
    for node in _nodes(parsed):
        kind = str(node.get("type", ""))
        if kind.endswith("_NODE") and kind not in _QUESTIONS:
            raise QueryRefused(f"{kind.partition('_')[0]} within WITH is not allowed. {REMEDY}")
        if kind == "TABLE_FUNCTION":
            name = str(node["function"]["function_name"]).lower()
            if name not in _TABLE_FUNCTIONS:
                raise QueryRefused(
                    f"{name}() is not allowed: only the tables and views can be read, and "
                    f"{', '.join(_TABLE_FUNCTIONS)}."
                )
        name = str(node.get("function_name", "")).lower()
        if name in _REFUSED_FUNCTIONS:
            raise QueryRefused(f"{name}() is not allowed: only the tables and views can be read.")


def _nodes(parsed: str) -> list[dict[str, Any]]:
    """Every part of the parsed statement."""
    found: list[dict[str, Any]] = []

    def note(node: dict[str, Any]) -> dict[str, Any]:
        found.append(node)
        return node

    try:
        json.loads(parsed, object_hook=note)
    except RecursionError as error:
        raise QueryRefused(
            "The question is nested too deeply to be checked. Write it with fewer operators in a "
            f"row, e.g. IN (…) instead of many OR. {REMEDY}"
        ) from error
    return found


def _parsed(sql: str) -> str | None:
    """The statement as DuckDB writes it down in JSON; None unless it is one that only selects."""
    with duckdb.connect(":memory:", config={"enable_external_access": "false"}) as connection:
        try:
            rows = connection.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchall()
        except duckdb.Error:
            return None
    text = str(rows[0][0])
    return None if text.startswith('{"error":true') else text
