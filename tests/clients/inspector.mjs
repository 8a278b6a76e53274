// Judges the server with the Inspector's command line: the portability of every schema, then the story and the examples.
//     INSPECTOR=LAUNCHER ALIASES_URL=URL node inspector.mjs URL CASES STORY
//
// The Inspector calls only what is listed, so aliases are called on a server before the same backend that lists them;
// and it never sends the call of an unknown tool, so that step of the story is left to the other clients.

import { execFile } from 'node:child_process';

import { answerOfTool, judge } from './expectations.mjs';

/** What `--strict` exits with where a schema has an error that makes some client refuse the tool. */
const NOT_PORTABLE = 6;

/** One run of the Inspector: its exit code and both streams. */
function inspect(url, era, method, ...more) {
  const given = ['--cli', url, '--transport', 'http', '--protocol-era', era, '--method', method, '--format', 'json'];
  return new Promise((resolve) => {
    const settled = (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr });
    execFile(process.execPath, [process.env.INSPECTOR, ...given, ...more], { maxBuffer: 1 << 26 }, settled);
  });
}

/** The protocol's result in what the Inspector prints. */
function resultOf({ code, stdout, stderr }) {
  if (stdout.trim() === '') throw new Error(`exit ${code}: ${stderr}`);
  return JSON.parse(stdout).result;
}

/** The story, and with the first era the examples too; the exit code. */
async function run(era, { examples }) {
  async function listed() {
    const run = await inspect(process.argv[2], era, 'tools/list', '--strict');
    if (run.code === NOT_PORTABLE) throw new Error(`a schema is not portable:\n${run.stderr}`);
    return resultOf(run).tools.map((tool) => tool.name);
  }

  async function call(name, given) {
    const url = name.includes('.') ? process.env.ALIASES_URL : process.argv[2];
    const asked = ['-q', '--tool-name', name, '--tool-args-json', JSON.stringify(given)];
    return answerOfTool(resultOf(await inspect(url, era, 'tools/call', ...asked)));
  }

  const known = (step) => step.refused === undefined;
  return judge(`inspector (${era})`, listed, call, { takes: known, examples });
}

process.exitCode = Math.max(await run('modern', { examples: true }), await run('legacy', { examples: false }));
