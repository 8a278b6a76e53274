"""Approval for clients that cannot ask their user: a person decides beside them, and they call again.

A client's script brings `call`, and this tells the story: what is refused, decided and made.
"""

import json
import urllib.error
import urllib.request
import uuid
from typing import Any, Awaitable, Callable

from expectations import Report

AGENT = "agent-of-the-judges"
PERSON = "person-of-the-judges"

# What a call came to: whether it is an error, and the JSON in its text.
Call = Callable[[str, dict], Awaitable[tuple[bool, Any]]]


class Inbox:
    """The requests for approval, as somebody with a token sees them."""

    def __init__(self, url: str) -> None:
        self.url = url.removesuffix("/mcp") + "/approvals"

    def pending(self) -> list[dict]:
        """What waits for a person."""
        return self._send(PERSON, "GET", "?state=pending")[1]["items"]

    def decide(self, token: str, approval: str, decision: str, body: dict | None = None) -> int:
        """Sends a decision; the status of the answer."""
        return self._send(token, "POST", f"/{approval}/{decision}", body)[0]

    def _send(self, token: str, method: str, path: str, body: dict | None = None) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, None


class Story:
    """One contact, from the first refusal to the second."""

    def __init__(self, client: str, url: str, call: Call) -> None:
        self.report = Report(f"{client} (fallback)")
        self.inbox = Inbox(url)
        self.call = call
        self.arguments = {"email": f"m{uuid.uuid4().hex}@example.com", "first_name": "Ada"}

    def expect(self, what: str, good: bool, shown: Any) -> None:
        """Notes one assertion."""
        self.report.say(what, None if good else f"got {shown}")

    async def contacts(self) -> int:
        """How many contacts there are of this story."""
        return (await self.call("crm_search_customers", {"query": self.arguments["email"]}))[1]["total"]

    async def refused(self, what: str) -> str:
        """Calls, expects to be told to wait, and returns the id to wait for."""
        is_error, told = await self.call("crm_upsert_contact", self.arguments)
        approval = told.get("approval_id", "")
        self.expect(what, is_error and told.get("error_code") == "APPROVAL_REQUIRED" and bool(approval), told)
        return approval

    async def tell(self) -> int:
        """All of it; the exit code."""
        first = await self.refused("a call without approval is refused, with an id")
        self.expect("nothing was written", await self.contacts() == 0, "a contact")
        again = await self.refused("calling again changes nothing")
        self.expect("it is the same request", first == again, again)
        listed = [item for item in self.inbox.pending() if item["id"] == first]
        shown = listed and listed[0]["tool"] == "crm_upsert_contact" and listed[0]["arguments"] == self.arguments
        self.expect("a person sees the call with its arguments", bool(shown), listed)
        status = self.inbox.decide(AGENT, first, "approve")
        self.expect("the agent cannot approve it", status == 403, status)
        status = self.inbox.decide(PERSON, first, "approve")
        self.expect("the person approves it", status == 200, status)
        is_error, told = await self.call("crm_upsert_contact", self.arguments)
        self.expect("the same call is made", not is_error and told.get("created") is True, told)
        self.expect("one contact was written", await self.contacts() == 1, await self.contacts())
        second = await self.refused("the approval is used up")
        self.expect("there is a new request", second != first, second)
        status = self.inbox.decide(PERSON, second, "deny", {"reason": "once is enough"})
        self.expect("the person refuses that one", status == 200, status)
        is_error, told = await self.call("crm_upsert_contact", self.arguments)
        refused = is_error and told.get("error_code") == "APPROVAL_DENIED" and "once is enough" in told["message"]
        self.expect("the agent is told, with the reason", refused, told)
        return self.report.exit_code()
