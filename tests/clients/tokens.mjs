// Judges what the tool list costs a model to read, in tokens of o200k: for everybody, and for the default roles.
// The budget goes by the number of tools, so that a new one has to be as short as the others are.
//     node tokens.mjs URL CASES

import { readFileSync } from 'node:fs';

import { encode } from 'gpt-tokenizer/encoding/o200k_base';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const TOKENS_PER_TOOL = 190;

const [, , url, casesFile] = process.argv;
const cases = JSON.parse(readFileSync(casesFile, 'utf8'));
const open = new Set(cases.filter((each) => each.open_to_default_roles).map((each) => each.tool));

const client = new Client({ name: 'judge', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
const { tools } = await client.listTools();
await client.close();

let failed = 0;
for (const [view, seen] of [
  ['all', tools],
  ['the default roles', tools.filter((tool) => open.has(tool.name))],
]) {
  const budget = TOKENS_PER_TOOL * seen.length;
  const tokens = encode(JSON.stringify({ tools: seen })).length;
  const within = tokens <= budget;
  failed += within ? 0 : 1;
  console.log(`${within ? 'ok  ' : 'FAIL'} tokens: ${seen.length} tools for ${view} are ${tokens} of at most ${budget}`);
}
console.log(`tokens: ${2 - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
