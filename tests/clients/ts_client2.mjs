// Judges the server with the TypeScript client 2, in both eras of the protocol.
//     node ts_client2.mjs URL CASES STORY

import { Client, ProtocolError, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { answerOfTool, judge } from './expectations.mjs';

/** Everything, with the era that the mode leads to; the exit code. */
async function run(mode) {
  const client = new Client({ name: 'judge', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2])));

  async function call(name, given) {
    try {
      return answerOfTool(await client.callTool({ name, arguments: given }));
    } catch (refused) {
      if (!(refused instanceof ProtocolError)) throw refused;
      return { refused: { code: refused.code, message: refused.message, data: refused.data } };
    }
  }

  const listed = async () => (await client.listTools()).tools.map((tool) => tool.name);
  const code = await judge(`typescript client 2 (${mode})`, listed, call);
  await client.close();
  return code;
}

process.exitCode = Math.max(await run('auto'), await run('legacy'));
