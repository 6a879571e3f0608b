// node check.mjs [ID ...]
// For each fault, runs the same few requests against the right server and against the faulty one.
// A fault counts as shown when the right server passes the test of the fact, the faulty one
// fails it, and the two transcripts differ.
import http from 'node:http';
import { spawn, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('./server.mjs', import.meta.url));
const PATH = '/v2/customers/campaign-status';
const KEY = 'cc_Full1234567890abcdef';
const RESTRICTED = 'cc_Restricted1234567890';
const NIL = '00000000-0000-0000-0000-000000000000';
const MAX = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

// Enrolled pairs. They are of version 4 and in lower case with letters in every id.
const A = { customerId: '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed', campaignId: '9f8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d' };
const B = { customerId: '3c2b1a09-8f7e-4d6c-9b5a-4c3d2e1f0a9b', campaignId: '7d6e5f4a-3b2c-4d1e-af0a-9b8c7d6e5f4a' };
const C = { customerId: '5e4d3c2b-1a0f-4e8d-8c7b-6a5f4e3d2c1b', campaignId: '9f8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d' };
// A pair that is not enrolled.
const NONE = { customerId: '0a1b2c3d-4e5f-4a6b-8c7d-8e9f0a1b2c3d', campaignId: 'a0b1c2d3-e4f5-4a6b-9c7d-8e9f0a1b2c3d' };

const done = (pair, more = {}) => ({ ...pair, status: 'completed', ...more });
const fail = (pair, more = {}) => ({ ...pair, status: 'failed', ...more });

function client(port) {
  function send(body, { key = KEY, method = 'PATCH', path = PATH, type = 'application/json', headers = {}, raw, pieces, agent } = {}) {
    return new Promise((resolve, reject) => {
      const all = { ...headers };
      if (type) all['content-type'] = type;
      if (key !== null) all['x-api-key'] = key;
      const payload = pieces ?? [raw ?? (body === undefined ? '' : JSON.stringify(body))];
      if (!pieces) all['content-length'] = Buffer.byteLength(payload[0]);
      const req = http.request({ port, host: '127.0.0.1', method, path, headers: all, agent: agent ?? false }, (res) => {
        const chunks = [];
        res.on('data', (chunk) => chunks.push(chunk));
        res.on('error', reject);
        res.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          let json;
          try {
            json = JSON.parse(text);
          } catch {
            json = undefined;
          }
          resolve({ status: res.statusCode, allow: res.headers.allow, type: res.headers['content-type'], text, json });
        });
      });
      req.on('error', reject);
      (async () => {
        for (const [index, piece] of payload.entries()) {
          if (index > 0) await new Promise((next) => setTimeout(next, 60));
          req.write(piece);
        }
        req.end();
      })();
    });
  }
  return send;
}

// ---- tests of facts ----------------------------------------------------------------

const is = (status, code) => (r) => r.status === status && (code === undefined || r.json?.code === code) && (status === 200 ? isOk(r) : isError(r));
const isOk = (r) => r.status === 200 && r.json?.success === true && typeof r.json.previousStatus === 'string'
  && typeof r.json.newStatus === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(r.json.customerCampaignId);
const isText = (v) => typeof v === 'string';
const isError = (r) => isText(r.json?.message) && isText(r.json?.code) && (r.status !== 422 || (Array.isArray(r.json.errors)
  && r.json.errors.every((e) => Array.isArray(e.path) && e.path.every(isText) && isText(e.message) && isText(e.code)
    && [undefined, 'string'].includes(typeof e.expected === 'undefined' ? undefined : typeof e.expected)
    && (e.received === undefined || isText(e.received)))));
const unauthorized = is(401, 'UNAUTHORIZED');
const forbidden = is(403, 'FORBIDDEN');
const invalid = is(422, 'VALIDATION_ERROR');
const notFound = is(404, 'NOT_FOUND');
const bad = is(400);
const ok = is(200);
const names = (field) => (r) => invalid(r) && r.json.errors.some((e) => e.path.includes(field));
const previous = (status) => (r) => ok(r) && r.json.previousStatus === status;

// A scenario: requests in order, each with the test that its answer must pass.
async function inOrder(send, ...calls) {
  const answers = [];
  let right = true;
  for (const [body, options, test] of calls) {
    const answer = await send(body, options);
    answers.push(answer);
    right = test(answer) && right;
  }
  return { answers, right };
}
const calls = (...list) => (send) => inOrder(send, ...list);
const plain = {};

// Sends n requests and returns the last answer.
async function burst(send, n, body, options) {
  let last;
  for (let i = 0; i < n; i += 1) last = await send(body, options);
  return last;
}

const upperA = { customerId: A.customerId, campaignId: A.campaignId.toUpperCase() };
const without = (body, field) => Object.fromEntries(Object.entries(body).filter(([key]) => key !== field));

const SCENARIOS = {
  B01: calls([done(A), { key: null }, unauthorized]),
  B02: calls([done(A), { key: 'cc_wrong' }, unauthorized]),
  B03: calls([done(A), { key: KEY.toLowerCase() }, unauthorized]),
  B04: calls([done(A), { key: '' }, unauthorized]),
  B05: calls([done(A), { key: null, path: `${PATH}?api_key=${KEY}` }, unauthorized]),
  B06: calls([done(A), { key: 'cc_wrong' }, unauthorized]),
  async B07(send) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const result = await inOrder(send, [done(A), { agent }, ok], [done(A), { agent, key: null }, unauthorized]);
    agent.destroy();
    return result;
  },
  B08: calls([done(A), { key: null }, unauthorized]),
  B09: calls([{ status: 1 }, { key: null }, unauthorized]),
  B10: calls([done(NONE), { key: RESTRICTED }, forbidden]),
  async B11(send) {
    const last = await burst(send, 61, done(A), { key: 'cc_wrong' });
    return { answers: [last.status], right: unauthorized(last) };
  },
  B12: calls([{ ...NONE, status: 'pending' }, plain, bad]),
  B13: calls([done(A), { key: RESTRICTED }, forbidden]),
  B14: calls([done(A), { key: RESTRICTED }, forbidden]),
  B15: calls([done(A), { key: RESTRICTED }, forbidden], [fail(A), plain, previous('in_progress')]),
  B16: calls([done(A), { key: RESTRICTED }, forbidden], [fail(A), { key: RESTRICTED }, forbidden]),
  B17: calls([done({ ...NONE, campaignId: 'a0b1c2d3-e4f5-7a6b-9c7d-8e9f0a1b2c3d' }), plain, notFound]),
  B18: calls([done({ ...NONE, campaignId: 'a0b1c2d3-e4f5-4a6b-cc7d-8e9f0a1b2c3d' }), plain, names('campaignId')]),
  B19: calls([done({ ...NONE, campaignId: NIL }), plain, notFound]),
  B20: calls([done({ ...NONE, customerId: MAX }), plain, notFound],
    [done({ ...NONE, customerId: MAX.toUpperCase() }), plain, names('customerId')]),
  B21: calls([done({ ...A, campaignId: `${A.campaignId}\n` }), plain, names('campaignId')]),
  B22: calls([done({ ...A, customerId: A.customerId.toUpperCase() }), plain, ok]),
  B23: calls([done(upperA), plain, ok]),
  B24: calls([done({ ...A, customerId: ` ${A.customerId} ` }), plain, names('customerId')]),
  B25: calls([done({ ...A, customerId: [A.customerId] }), plain, names('customerId')]),
  B26: calls([done(upperA), plain, ok], [done({ ...A, campaignId: A.campaignId.replace('f', 'F') }), plain, ok]),
  B27: calls([done({ ...NONE, customerId: NIL }), plain, notFound], [done({ ...A, customerId: NIL }), plain, notFound]),
  B28: calls([done({ ...A, campaignId: A.campaignId.replace('9', '\uff19') }), plain, names('campaignId')]),
  B29: calls([done({ ...NONE, customerId: '0a1b2c3d-4e5f-4a6b-Ac7d-8e9f0a1b2c3d' }), plain, notFound]),
  B30: calls([fail(A), plain, ok]),
  B31: calls([{ ...A, status: 'cancelled' }, plain, bad]),
  B32: calls([{ ...A, status: 'Completed' }, plain, names('status')]),
  B33: calls([{ ...A, status: 'canceled' }, plain, names('status')]),
  B34: calls([{ ...A, status: 'skipped' }, plain, bad], [done(A), plain, previous('in_progress')]),
  B35: calls([{ ...A, status: 'constructor' }, plain, names('status')]),
  B36: calls([{ ...A, status: 'pending' }, plain, bad]),
  B37: calls([{ ...A }, plain, names('status')]),
  B38: calls([done(A, { note: 'x' }), plain, ok]),
  B39: calls([{ ...A, status: 7 }, plain, names('status')]),
  B40: calls([null, plain, (r) => r.status === 422 || r.status === 400]),
  B41: calls([done(A, { previousStatus: 'expired', customerCampaignId: NIL }), plain,
    (r) => previous('in_progress')(r) && r.json.customerCampaignId !== NIL]),
  B42: calls([{ ...A, status: 7 }, plain, names('status')]),
  B43: calls([done({ ...A, campaignId: 'x' }), plain, names('campaignId')]),
  B44: calls([{ ...A, status: 7 }, plain, names('status')]),
  B45: calls([{ ...A, status: 7 }, plain, names('status')], [without(done(A), 'customerId'), plain, names('customerId')]),
  B46: calls([{ ...A, status: 'terminé' }, plain, names('status')]),
  B47: calls([undefined, { raw: '{"customerId":' }, bad]),
  B48: calls([{ campaignId: A.campaignId, customerId: A.customerId, status: 'completed' }, plain, ok]),
  B49: calls([undefined, { raw: `\n  ${JSON.stringify(done(A))}` }, ok]),
  B50: calls([undefined, { raw: JSON.stringify(done(A)).replace('completed', '\\u0063ompleted') }, ok]),
  B51: calls([undefined, { pieces: [JSON.stringify(done(A)).slice(0, 40), JSON.stringify(done(A)).slice(40)] }, ok]),
  B52: calls([undefined, { raw: `${JSON.stringify(done(A))} and more` }, bad]),
  B53: calls([undefined, { raw: '{"customerId":' }, bad]),
  B54: calls([done(A), { type: 'application/json; charset=utf-8' }, ok]),
  B55: calls([done(A), { type: 'text/plain' }, (r) => r.status >= 400 && r.status < 500]),
  B56: calls([done(A, { note: 'x'.repeat(2000) }), plain, ok]),
  B57: calls([done(NONE), plain, notFound]),
  B58: calls([done({ ...A, campaignId: B.campaignId }), plain, notFound]),
  B59: calls([done({ ...A, campaignId: NONE.campaignId }), plain, notFound]),
  B60: calls([done(A), plain, previous('in_progress')], [fail(A), plain, previous('completed')]),
  B61: calls([done(A), plain, previous('in_progress')]),
  B62: calls([done(A), plain, previous('in_progress')], [done(B), plain, previous('awaiting_call')]),
  B63: calls([done(A), plain, ok], [fail(A), plain, previous('completed')], [done(A), plain, previous('failed')]),
  async B64(send) {
    const answers = [await send(done(A)), await send(done(A))];
    // The ids are random in the faulty server, so the transcript keeps only whether they agree.
    return { answers: [answers.map((r) => r.status), same(answers)], right: answers.every(ok) && same(answers) };
  },
  async B65(send) {
    const answers = [await send(done(A)), await send(done(upperA))];
    return { answers, right: answers.every(ok) && same(answers) };
  },
  async B66(send) {
    const answers = await Promise.all([send(done(A)), send(fail(B))]);
    return { answers, right: answers[0].json.newStatus === 'completed' && answers[1].json.newStatus === 'failed' && !same(answers) };
  },
  async B67(send) {
    const answers = [];
    let right = true;
    for (let i = 0; i < 12; i += 1) {
      const body = i % 2 === 0 ? done(C) : fail(C);
      const answer = await send(body);
      if (i > 0) right = previous(answers[i - 1].json.newStatus)(answer) && right;
      answers.push(answer);
    }
    return { answers, right };
  },
  B68: calls([done(A), plain, ok]),
  B69: calls([done(A), plain, ok]),
  B70: calls([done(A), plain, ok], [done(A), plain, (r) => [200, 400, 401, 403, 404, 422, 429, 500].includes(r.status)]),
  async B71(send) {
    const before = await burst(send, 60, done(NONE));
    const after = await send(done(NONE));
    return { answers: [before.status, after.status], right: notFound(before) && after.status === 429 };
  },
  async B72(send) {
    const last = await burst(send, 61, done(NONE));
    return { answers: [last.status, typeof last.json.retryAfter], right: last.status === 429 && typeof last.json.retryAfter === 'number' };
  },
  async B73(send) {
    const last = await burst(send, 61, done(NONE));
    // At most the minute of the limit is left to wait.
    const fits = last.json.retryAfter >= 0 && last.json.retryAfter <= 60;
    return { answers: [last.status, fits], right: last.status === 429 && fits };
  },
  async B74(send) {
    // A window of three seconds, so that the test does not wait for a minute.
    await burst(send, 60, done(NONE));
    const refused = await send(done(A));
    await new Promise((next) => setTimeout(next, refused.json.retryAfter * 1000 + 50));
    const later = await send(fail(A));
    return { answers: [refused.status, later], right: refused.status === 429 && previous('in_progress')(later) };
  },
  B75: calls([done(A), { path: `${PATH}/x` }, (r) => r.status === 404 || r.status === 405]),
  B76: calls([undefined, { method: 'DELETE' }, (r) => r.status === 404 || r.status === 405]),
  B77: calls([done(A), { method: 'PUT' }, (r) => r.status === 405 && r.allow === 'PATCH']),
  B78: calls([done(A), { method: 'POST', headers: { 'x-http-method-override': 'PATCH' } }, (r) => r.status === 404 || r.status === 405]),
  B79: calls([done(NONE), plain, (r) => notFound(r) && !/select|from|where/i.test(r.text)]),
  B80: calls([undefined, { raw: '{"customerId":' }, (r) => bad(r) && !/\bat .*:\d+:\d+/.test(r.text)]),
};
const SETTINGS = { B74: { BLIND_RATE_WINDOW_MS: '3000' } };

function same(answers) {
  return answers[0].json.customerCampaignId === answers[1].json.customerCampaignId;
}

// ---- running -----------------------------------------------------------------------

async function withServer(fault, settings, run) {
  const args = [SERVER, '--port', '0', ...(fault ? ['--fault', fault] : [])];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      BLIND_RATE_LIMIT: '60',
      BLIND_RATE_WINDOW_MS: '60000',
      ...settings,
      BLIND_API_KEY: KEY,
      BLIND_RESTRICTED_API_KEY: RESTRICTED,
      BLIND_ENROLLMENTS: [A, B, C].map((e) => `${e.customerId}:${e.campaignId}`).join(','),
    },
  });
  try {
    const port = await new Promise((resolve, reject) => {
      child.stdout.on('data', (data) => resolve(Number(/listening on (\d+)/.exec(data)[1])));
      child.on('exit', () => reject(new Error('the server did not start')));
    });
    return await run(client(port));
  } finally {
    child.kill();
  }
}

const faults = JSON.parse(execFileSync(process.execPath, [SERVER, '--list'], { encoding: 'utf8' }));
const wanted = process.argv.slice(2);
let shown = 0;
let tried = 0;
for (const { id, area } of faults) {
  if (wanted.length > 0 && !wanted.includes(id)) continue;
  tried += 1;
  const scenario = SCENARIOS[id];
  const right = await withServer(undefined, SETTINGS[id], scenario);
  const faulty = await withServer(id, SETTINGS[id], scenario);
  const differs = JSON.stringify(right.answers) !== JSON.stringify(faulty.answers);
  const good = right.right && !faulty.right && differs;
  if (good) shown += 1;
  console.log(`${id} ${area.padEnd(12)} ${good ? 'differs' : `NOT SHOWN (right server passes: ${right.right}, faulty passes: ${faulty.right}, differs: ${differs})`}`);
}
console.log(`${shown} of ${tried} faults shown`);
process.exitCode = shown === tried ? 0 : 1;
