// Judges approval by the user of a client that can ask: the TypeScript client 2, with the answers in elicitation.json.
//     node elicitation_ts2.mjs URL ANSWERS

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { Report, answerOfTool } from './expectations.mjs';

const [, , url, answersFile] = process.argv;
const AGENT = 'agent-of-the-judges';

/** Why the call did not end as the step says; undefined where it did. */
function problem(step, email, asked, answer, found) {
  if (asked.length !== 1) return `expected one question, got ${JSON.stringify(asked)}`;
  const missing = ['Create or update contact', 'default', email].filter((words) => !asked[0].includes(words));
  if (missing.length > 0) return `expected the question to mention ${missing}, got ${asked[0]}`;
  const good = step.made ? answer.result?.email === email : answer.error?.error_code === 'APPROVAL_DENIED';
  if (!good) return `got ${JSON.stringify(answer)}`;
  return found === Number(step.made) ? undefined : `${found} contacts were made`;
}

const report = new Report('typescript client 2 (elicitation)');
const asked = [];
let given;
const client = new Client(
  { name: 'judge', version: '1' },
  { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: {} } },
);
client.setRequestHandler('elicitation/create', async (request) => {
  asked.push(request.params.message);
  return given;
});
const requestInit = { headers: { authorization: `Bearer ${AGENT}` } };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
for (const step of JSON.parse(readFileSync(answersFile, 'utf8'))) {
  asked.length = 0;
  given = step.answer;
  const email = `m${randomUUID().replaceAll('-', '')}@example.com`;
  const call = { name: 'crm_upsert_contact', arguments: { email, first_name: 'Ada' } };
  const answer = answerOfTool(await client.callTool(call));
  const search = answerOfTool(await client.callTool({ name: 'crm_search_customers', arguments: { query: email } }));
  report.say(step.step, problem(step, email, asked, answer, search.result?.total));
}
await client.close();
process.exitCode = report.exitCode();
