// Judges the server with the TypeScript SDK 1, which knows the older era of the protocol only.
//     node ts_sdk1.mjs URL CASES STORY

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';

import { answerOfTool, judge } from './expectations.mjs';

const client = new Client({ name: 'judge', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2])));

async function call(name, given) {
  try {
    return answerOfTool(await client.callTool({ name, arguments: given }));
  } catch (refused) {
    if (!(refused instanceof McpError)) throw refused;
    return { refused: { code: refused.code, message: refused.message, data: refused.data } };
  }
}

const listed = async () => (await client.listTools()).tools.map((tool) => tool.name);
process.exitCode = await judge('typescript sdk 1', listed, call);
await client.close();
