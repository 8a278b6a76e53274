"""Judges approval by somebody else with the client of openai-agents, which cannot ask its user.

    python fallback_openai_agents.py URL
"""

import asyncio
import json
import sys
from typing import Any

from agents.mcp import MCPServerStreamableHttp

from fallback import AGENT, Story


async def main(url: str) -> int:
    """The story, in one session."""
    params = {"url": url, "headers": {"authorization": f"Bearer {AGENT}"}}
    async with MCPServerStreamableHttp(params) as server:

        async def call(name: str, arguments: dict) -> tuple[bool, Any]:
            result = await server.call_tool(name, arguments)
            return bool(result.is_error), json.loads(result.content[0].text)

        return await Story("openai-agents", url, call).tell()


sys.exit(asyncio.run(main(sys.argv[1])))
