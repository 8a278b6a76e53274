"""Judges the server with the Python client mcp 2, in both eras of the protocol."""

import asyncio
import sys

from mcp import Client, MCPError

import expectations
from expectations import Answer


async def run(mode: str, given) -> int:
    """Everything, with the era that the mode leads to."""
    async with Client(given.url, mode=mode) as client:

        async def listed() -> list[str]:
            return [tool.name for tool in (await client.list_tools()).tools]

        async def call(name: str, arguments: dict) -> Answer:
            try:
                result = await client.call_tool(name, arguments)
            except MCPError as refused:
                return Answer(refused={"code": refused.code, "message": refused.message, "data": refused.data})
            text = result.content[0].text if result.content else None
            return Answer.of_tool(result.is_error, text, result.structured_content)

        return await expectations.judge(f"python mcp 2 ({client.protocol_version})", given, listed, call)


async def main() -> int:
    """The newest era, then, where this is not a continuation, the older one."""
    given = expectations.arguments()
    continued = given.state is not None and given.state.exists()
    code = await run("auto", given)
    if continued:
        return code
    given.state = None
    return max(code, await run("legacy", given))


sys.exit(asyncio.run(main()))
