"""Judges the server with the Python client mcp 1, which knows the older era of the protocol only."""

import asyncio
import sys

from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamablehttp_client

import expectations
from expectations import Answer


async def main() -> int:
    """Everything, in one session."""
    given = expectations.arguments()
    async with streamablehttp_client(given.url) as (incoming, outgoing, _), ClientSession(incoming, outgoing) as client:
        version = (await client.initialize()).protocolVersion

        async def listed() -> list[str]:
            return [tool.name for tool in (await client.list_tools()).tools]

        async def call(name: str, arguments: dict) -> Answer:
            try:
                result = await client.call_tool(name, arguments)
            except McpError as refused:
                return Answer(refused=refused.error.model_dump())
            text = result.content[0].text if result.content else None
            return Answer.of_tool(result.isError, text, result.structuredContent)

        return await expectations.judge(f"python mcp 1 ({version})", given, listed, call)


sys.exit(asyncio.run(main()))
