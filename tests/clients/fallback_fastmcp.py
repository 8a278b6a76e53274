"""Judges approval by somebody else with the client of FastMCP, which declares no elicitation of its own.

    python fallback_fastmcp.py URL
"""

import asyncio
import json
import sys
from typing import Any

from fastmcp import Client

from fallback import AGENT, Story


async def main(url: str) -> int:
    """The story, in one session."""
    async with Client(url, auth=AGENT) as client:

        async def call(name: str, arguments: dict) -> tuple[bool, Any]:
            result = await client.call_tool(name, arguments, raise_on_error=False)
            return result.is_error, json.loads(result.content[0].text)

        return await Story("fastmcp", url, call).tell()


sys.exit(asyncio.run(main(sys.argv[1])))
