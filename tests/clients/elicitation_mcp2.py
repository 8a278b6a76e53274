"""Judges approval by the user of a client that can ask: the Python client mcp 2, with the answers in elicitation.json.

    python elicitation_mcp2.py URL
"""

import asyncio
import json
import pathlib
import sys
import uuid

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult

from expectations import Report

AGENT = "agent-of-the-judges"


def problem(step: dict, email: str, asked: list[str], result, found: int) -> str | None:
    """Why the call did not end as the step says; None where it did."""
    if len(asked) != 1:
        return f"expected one question, got {asked}"
    missing = [words for words in ("Create or update contact", "default", email) if words not in asked[0]]
    if missing:
        return f"expected the question to mention {missing}, got {asked[0]!r}"
    told = json.loads(result.content[0].text)
    good = told.get("email") == email if step["made"] else told.get("error_code") == "APPROVAL_DENIED"
    if result.is_error == step["made"] or not good:
        return f"got {told}"
    return None if found == int(step["made"]) else f"{found} contacts were made"


async def main(url: str) -> int:
    """Every answer, each to the question about a contact of its own."""
    steps = json.loads(pathlib.Path(__file__).with_name("elicitation.json").read_text(encoding="utf-8"))
    report = Report("python mcp 2 (elicitation)")
    asked: list[str] = []
    answer: dict = {}

    async def ask(_context, params) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(**answer)

    headers = {"authorization": f"Bearer {AGENT}"}
    async with httpx2.AsyncClient(headers=headers) as http:
        async with Client(streamable_http_client(url, http_client=http), elicitation_callback=ask) as client:
            for step in steps:
                asked.clear()
                answer = step["answer"]
                email = f"m{uuid.uuid4().hex}@example.com"
                result = await client.call_tool("crm_upsert_contact", {"email": email, "first_name": "Ada"})
                search = await client.call_tool("crm_search_customers", {"query": email})
                found = search.structured_content["total"]
                report.say(step["step"], problem(step, email, asked, result, found))
    return report.exit_code()


sys.exit(asyncio.run(main(sys.argv[1])))
