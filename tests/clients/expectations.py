"""What every client must find, whichever library it is: the tool list, the story and every tool's example.

The story is data (story.json) so that the clients in Python and in JavaScript judge by the same words. A step calls
a tool and expects one of
    result   {pointer: value}             values in the structured result
    finds    {"at": pointer, "with": {}}  a list there has an object with these fields
    same_as  "step"                       the result of that earlier step, but for `_meta`
    error    "CODE"                       a tool error with this code
    refused  -32602                       a JSON-RPC error with this code
together with `mentions` [text] (in the error) and `keep` {name: pointer}; `${name}` stands for what was kept.
"""

import argparse
import json
import pathlib
import re
import uuid
from dataclasses import dataclass
from typing import Any, Awaitable, Callable

# The backend answered, and said what an example with made-up ids deserves: no such record, known already, not defined,
# not built.
ANSWERED = {404, 409, 422, 501}


@dataclass
class Answer:
    """What came back from a call: exactly one of the three."""

    result: Any = None
    error: dict | None = None
    refused: dict | None = None

    @classmethod
    def of_tool(cls, is_error: bool, text: str | None, structured: Any) -> "Answer":
        """The answer in a tool result, which says the same as text and as structure, or is an error as text only."""
        told = json.loads(text) if text else None
        if is_error:
            assert structured is None, "a tool error carries no structuredContent"
            return cls(error=told)
        assert told == structured, f"text and structuredContent differ: {told} and {structured}"
        return cls(result=structured)


class Report:
    """Prints one line per assertion and remembers whether any failed."""

    def __init__(self, client: str) -> None:
        self.client = client
        self.passed = self.failed = 0

    def say(self, what: str, problem: str | None) -> None:
        """Notes one assertion; a problem is a failure."""
        if problem is None:
            self.passed += 1
            print(f"ok   {self.client}: {what}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL {self.client}: {what}: {problem}", flush=True)

    def exit_code(self) -> int:
        """The sum, printed, as the exit code of the script."""
        print(f"{self.client}: {self.passed} passed, {self.failed} failed")
        return int(self.failed > 0)


def at(pointer: str, value: Any) -> Any:
    """The value at a JSON pointer; None where there is none."""
    for part in pointer.split("/")[1:]:
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (LookupError, TypeError, ValueError):
            return None
    return value


def fill(value: Any, kept: dict[str, Any]) -> Any:
    """The value with every `${name}` replaced by what was kept under the name."""
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda name: str(kept.get(name[1], name[0])), value)
    if isinstance(value, list):
        return [fill(each, kept) for each in value]
    if isinstance(value, dict):
        return {key: fill(each, kept) for key, each in value.items()}
    return value


def without_meta(result: Any) -> Any:
    """The result without what differs from call to call."""
    return {key: value for key, value in result.items() if key != "_meta"} if isinstance(result, dict) else result


def problem_of(step: dict, answer: Answer, earlier: dict[str, Answer]) -> str | None:
    """How the answer differs from what the step expects; None where it does not."""
    shown = json.dumps(answer.__dict__, ensure_ascii=False)[:600]
    if "refused" in step or "error" in step:
        refusal = answer.refused if "refused" in step else answer.error
        code = (refusal or {}).get("code" if "refused" in step else "error_code")
        if code != step.get("refused", step.get("error")):
            return f"expected {step.get('refused', step.get('error'))}, got {shown}"
        text = json.dumps(refusal, ensure_ascii=False)
        missing = [words for words in step.get("mentions", []) if words not in text]
        return f"expected the error to mention {missing}, got {shown}" if missing else None
    if answer.result is None:
        return f"expected a result, got {shown}"
    for pointer, value in step.get("result", {}).items():
        if at(pointer, answer.result) != value:
            return f"expected {pointer} to be {value!r}, got {shown}"
    if "finds" in step:
        wanted, rows = step["finds"]["with"], at(step["finds"]["at"], answer.result) or []
        if not any(all(at(f"/{field}", row) == value for field, value in wanted.items()) for row in rows):
            return f"expected {wanted} in {step['finds']['at']}, got {shown}"
    if "same_as" in step and without_meta(answer.result) != without_meta(earlier[step["same_as"]].result):
        return f"expected what `{step['same_as']}` gave, got {shown}"
    return None


Call = Callable[[str, dict], Awaitable[Answer]]


async def tell(story: list[dict], call: Call, kept: dict[str, Any], report: Report) -> None:
    """Takes the steps of a story one after the other."""
    earlier: dict[str, Answer] = {}
    for raw in story:
        step = fill(raw, kept)
        answer = await call(step["call"], step["arguments"])
        earlier[step["step"]] = answer
        report.say(step["step"], problem_of(step, answer, earlier))
        kept.update({name: at(pointer, answer.result) for name, pointer in step.get("keep", {}).items()})


def problem_of_list(names: list[str], cases: list[dict]) -> str | None:
    """How the listed names differ from the manifests'; None where they do not."""
    expected = [case["tool"] for case in cases]
    return None if names == expected else f"expected {len(expected)} sorted names, got {len(names)}: {names}"


def problem_of_example(answer: Answer) -> str | None:
    """Why the answer to an example is not one that a tool that can be called gives; None where it is."""
    error = answer.error or {}
    reached = error.get("error_code") == "BACKEND_ERROR" and error.get("status") in ANSWERED
    reached = reached or error.get("error_code") == "FETCH_BLOCKED"
    return None if answer.result is not None or reached else json.dumps(answer.__dict__)[:600]


async def examples(cases: list[dict], call: Call, report: Report) -> None:
    """Calls every tool with its first example, by name and by alias."""
    for case in cases:
        for name in (case["tool"], case["alias"]):
            report.say(f"{name} can be called", problem_of_example(await call(name, case["arguments"])))


def arguments() -> argparse.Namespace:
    """URL --cases FILE [--story FILE] [--state FILE]; a state that exists continues an earlier run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--cases", type=pathlib.Path, required=True)
    parser.add_argument("--story", type=pathlib.Path, default=pathlib.Path(__file__).with_name("story.json"))
    parser.add_argument("--state", type=pathlib.Path)
    return parser.parse_args()


async def judge(client: str, given: argparse.Namespace, listed: Callable[[], Awaitable[list[str]]], call: Call) -> int:
    """Everything a client must find; the exit code."""
    report = Report(client)
    cases = json.loads(given.cases.read_text(encoding="utf-8"))
    report.say(f"lists {len(cases)} tools, sorted", problem_of_list(await listed(), cases))
    continued = given.state is not None and given.state.exists()
    kept = json.loads(given.state.read_text(encoding="utf-8")) if continued else {"marker": f"m{uuid.uuid4().hex}"}
    await tell(json.loads(given.story.read_text(encoding="utf-8")), call, kept, report)
    if given.state is not None:
        given.state.write_text(json.dumps(kept), encoding="utf-8")
    if not continued:
        await examples(cases, call, report)
    return report.exit_code()
