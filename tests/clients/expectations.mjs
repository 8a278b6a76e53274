// What every client must find, whichever library it is: the tool list, the story and every tool's example.
// The words of a step are explained in expectations.py; this is the same judge for the clients in JavaScript.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

/**
 * The backend answered, and said what an example with made-up ids deserves: no such record, known already, not defined,
 * not built.
 */
const ANSWERED = [404, 409, 422, 501];

/** The answer in a tool result, which says the same as text and as structure, or is an error as text only. */
export function answerOfTool(result) {
  const text = result.content?.[0]?.text;
  const told = text === undefined ? undefined : JSON.parse(text);
  const structured = result.structuredContent;
  if (result.isError) {
    if (structured !== undefined) throw new Error('a tool error carries no structuredContent');
    return { error: told };
  }
  if (!isDeepStrictEqual(told, structured)) throw new Error(`text and structuredContent differ: ${text}`);
  return { result: structured };
}

/** Prints one line per assertion and remembers whether any failed. */
export class Report {
  passed = 0;
  failed = 0;

  constructor(client) {
    this.client = client;
  }

  /** Notes one assertion; a problem is a failure. */
  say(what, problem) {
    if (problem === undefined) this.passed += 1;
    else this.failed += 1;
    console.log(problem === undefined ? `ok   ${this.client}: ${what}` : `FAIL ${this.client}: ${what}: ${problem}`);
  }

  /** The sum, printed, as the exit code of the script. */
  exitCode() {
    console.log(`${this.client}: ${this.passed} passed, ${this.failed} failed`);
    return this.failed > 0 ? 1 : 0;
  }
}

/** The value at a JSON pointer; undefined where there is none. */
function at(pointer, value) {
  return pointer.split('/').slice(1).reduce((inner, part) => inner?.[part], value);
}

/** The value with every `${name}` replaced by what was kept under the name. */
function fill(value, kept) {
  const text = JSON.stringify(value);
  return JSON.parse(text.replace(/\$\{(\w+)\}/g, (written, name) => {
    return name in kept ? JSON.stringify(String(kept[name])).slice(1, -1) : written;
  }));
}

/** The result without what differs from call to call. */
function withoutMeta({ _meta, ...result }) {
  return result;
}

/** How the answer differs from what the step expects; undefined where it does not. */
function problemOf(step, answer, earlier) {
  const shown = JSON.stringify(answer).slice(0, 600);
  if (step.refused !== undefined || step.error !== undefined) {
    const refusal = step.refused === undefined ? answer.error : answer.refused;
    const code = step.refused === undefined ? refusal?.error_code : refusal?.code;
    if (code !== (step.refused ?? step.error)) return `expected ${step.refused ?? step.error}, got ${shown}`;
    const missing = (step.mentions ?? []).filter((words) => !JSON.stringify(refusal).includes(words));
    return missing.length > 0 ? `expected the error to mention ${missing}, got ${shown}` : undefined;
  }
  if (answer.result === undefined) return `expected a result, got ${shown}`;
  for (const [pointer, value] of Object.entries(step.result ?? {})) {
    const found = at(pointer, answer.result);
    if (!isDeepStrictEqual(found, value)) return `expected ${pointer} to be ${JSON.stringify(value)}, got ${shown}`;
  }
  if (step.finds) {
    const rows = at(step.finds.at, answer.result) ?? [];
    const fields = Object.entries(step.finds.with);
    const found = rows.some((row) => fields.every(([field, value]) => isDeepStrictEqual(row[field], value)));
    if (!found) return `expected ${JSON.stringify(step.finds.with)} in ${step.finds.at}, got ${shown}`;
  }
  if (step.same_as && !isDeepStrictEqual(withoutMeta(answer.result), withoutMeta(earlier[step.same_as].result))) {
    return `expected what \`${step.same_as}\` gave, got ${shown}`;
  }
  return undefined;
}

/** Takes the steps of the story one after the other. */
async function tell(story, call, report) {
  const kept = { marker: `m${randomUUID().replaceAll('-', '')}` };
  const earlier = {};
  for (const raw of story) {
    const step = fill(raw, kept);
    const answer = await call(step.call, step.arguments);
    earlier[step.step] = answer;
    report.say(step.step, problemOf(step, answer, earlier));
    for (const [name, pointer] of Object.entries(step.keep ?? {})) kept[name] = at(pointer, answer.result);
  }
}

/** How the listed names differ from the manifests'; undefined where they do not. */
function problemOfList(names, cases) {
  const expected = cases.map((each) => each.tool);
  if (isDeepStrictEqual(names, expected)) return undefined;
  return `expected ${expected.length} sorted names, got ${names.length}: ${names}`;
}

/** Why the answer to an example is not one that a tool that can be called gives; undefined where it is. */
function problemOfExample(answer) {
  const answered = answer.error?.error_code === 'BACKEND_ERROR' && ANSWERED.includes(answer.error.status);
  const reached = answered || answer.error?.error_code === 'FETCH_BLOCKED';
  return answer.result !== undefined || reached ? undefined : JSON.stringify(answer).slice(0, 600);
}

/**
 * Everything a client must find, from `SCRIPT URL CASES STORY`; the exit code. A client may be unable to take a step,
 * and one that judges twice need not call the examples twice.
 */
export async function judge(client, listed, call, { takes = () => true, examples = true } = {}) {
  const [, , , casesFile, storyFile] = process.argv;
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
  const report = new Report(client);
  const cases = read(casesFile);
  report.say(`lists ${cases.length} tools, sorted`, problemOfList(await listed(), cases));
  await tell(read(storyFile).filter(takes), call, report);
  for (const each of examples ? cases : []) {
    for (const name of [each.tool, each.alias]) {
      report.say(`${name} can be called`, problemOfExample(await call(name, each.arguments)));
    }
  }
  return report.exitCode();
}
