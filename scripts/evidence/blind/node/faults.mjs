// Eighty faults. Each one replaces one part of the right server (app.mjs) and breaks one fact.
// `hard` marks those that few clients would notice by chance.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, ROUTE, UUID, pairKey, uuidFrom } from './app.mjs';

// What happens when a check sends its answer but forgets to return: the handler goes on.
function goOn(p, ctx) {
  try {
    for (const step of ['parseBody', 'validate', 'terminalOnly', 'lookup', 'update']) p[step](ctx);
  } catch {
    // The answer has been decided already, so an error in here stays unseen.
  }
}

function move(p, step, place, other) {
  p.steps = p.steps.filter((name) => name !== step);
  p.steps.splice(p.steps.indexOf(other) + (place === 'after' ? 1 : 0), 0, step);
}

const mapString = (change) => (value) => (typeof value === 'string' ? change(value) : value);

// Changes each issue of a 422 in the same way.
function eachIssue(p, change) {
  const { invalid } = p;
  p.invalid = (issues) => invalid(issues.map(change));
}

// Changes the answer of a successful update.
function changeResult(p, change) {
  const { update } = p;
  p.update = (ctx) => {
    update(ctx);
    ctx.result = change(ctx.result, ctx);
  };
}

const list = [];
function fault(id, area, rule_broken, text, apply, { hard = false } = {}) {
  list.push({ id, area, rule_broken, text, hard, apply });
}
const HARD = { hard: true };

// ---- key ---------------------------------------------------------------------------

fault('B01', 'key', 'A missing key is UNAUTHORIZED with 401 (facts 15, 9).',
  'A request without any key is answered 403 FORBIDDEN; a wrong key still gets 401.',
  (p) => {
    const { unauthorized } = p;
    p.unauthorized = (ctx) => (p.presentedKey(ctx) === undefined
      ? new ApiError(403, 'FORBIDDEN', 'An API key is required')
      : unauthorized(ctx));
  });

fault('B02', 'key', 'An invalid key is UNAUTHORIZED (fact 15).',
  'Any key that begins with cc_ is accepted; only the prefix is looked at.',
  (p) => {
    const { findClient } = p;
    p.findClient = (key) => findClient(key)
      ?? (key?.startsWith('cc_') ? findClient(p.config.apiKey) : undefined);
  });

fault('B03', 'key', 'An invalid key is UNAUTHORIZED (fact 15).',
  'Keys are compared without regard to letter case.',
  (p) => { p.sameKey = (a, b) => a.toLowerCase() === b.toLowerCase(); });

fault('B04', 'key', 'A missing or invalid key is UNAUTHORIZED (fact 15).',
  'An x-api-key header that is present but empty passes as if the key were right.',
  (p) => {
    const { findClient } = p;
    p.findClient = (key) => (key === '' ? findClient(p.config.apiKey) : findClient(key));
  });

fault('B05', 'key', 'The key is given in the header x-api-key; without it the request is UNAUTHORIZED (facts 2, 15).',
  'The key is also taken from the query parameter api_key when the header is missing.',
  (p) => {
    const { presentedKey } = p;
    p.presentedKey = (ctx) => presentedKey(ctx) ?? new URLSearchParams(ctx.query).get('api_key') ?? undefined;
  }, HARD);

fault('B06', 'key', 'The error code for an invalid key is UNAUTHORIZED (fact 15).',
  'A wrong key gets 401 with the code INVALID_API_KEY; a missing key still gets UNAUTHORIZED.',
  (p) => {
    const { unauthorized } = p;
    p.unauthorized = (ctx) => (p.presentedKey(ctx) ? new ApiError(401, 'INVALID_API_KEY', 'Invalid API key') : unauthorized(ctx));
  });

fault('B07', 'key', 'A missing key is UNAUTHORIZED (fact 15).',
  'The client found for a connection is remembered, so a later request without a key on the same connection passes.',
  (p) => {
    const { findClient } = p;
    const seen = new WeakMap();
    p.findClient = (key, ctx) => {
      const { socket } = ctx.req;
      if (key === undefined) return seen.get(socket);
      const client = findClient(key);
      if (client) seen.set(socket, client);
      return client;
    };
  }, HARD);

fault('B08', 'key', 'A 401 body has message and code (fact 11).',
  'The 401 body is {"error": ..., "code": ...}: message is missing.',
  (p) => {
    const { encode } = p;
    p.encode = (value, ctx, status) => encode(status === 401 ? { error: value.message, code: value.code } : value, ctx, status);
  });

// ---- order of checks ---------------------------------------------------------------

fault('B09', 'order', 'The key is checked before the body (fact 21).',
  'The body is validated before the key is checked: a schema error without a key gets 422 instead of 401.',
  (p) => {
    move(p, 'authenticate', 'after', 'validate');
    move(p, 'authorise', 'after', 'authenticate');
    move(p, 'rateLimit', 'after', 'authorise');
  });

fault('B10', 'order', 'The permission is checked before the lookup (fact 21).',
  'A key without the permission gets 404 for a pair that is not enrolled; 403 comes only for existing pairs.',
  (p) => {
    const { authorise } = p;
    p.authorise = (ctx) => {
      try {
        authorise(ctx);
      } catch (error) {
        ctx.held = error;
      }
    };
    // Invalid bodies keep the right answer: only the lookup comes too early.
    for (const step of ['rateLimit', 'parseBody', 'validate', 'terminalOnly']) {
      const run = p[step];
      p[step] = (ctx) => {
        try {
          run(ctx);
        } catch (error) {
          throw ctx.held ?? error;
        }
      };
    }
    const { update } = p;
    p.update = (ctx) => {
      if (ctx.held) throw ctx.held;
      update(ctx);
    };
  });

fault('B11', 'order', 'The key is checked before the rate limit (fact 21).',
  'The limit is counted per address before the key is looked at: requests with a wrong key use up the quota and then get 429.',
  (p) => {
    move(p, 'rateLimit', 'before', 'authenticate');
    p.bucket = (ctx) => ctx.req.socket.remoteAddress;
  }, HARD);

fault('B12', 'order', 'The status rule is checked before the lookup (fact 21), so it is 400.',
  'For a pair that is not enrolled, a non-terminal status gets 404 instead of 400.',
  (p) => move(p, 'terminalOnly', 'after', 'lookup'));

// ---- permission --------------------------------------------------------------------

fault('B13', 'permission', 'A key that lacks the permission is FORBIDDEN (fact 15).',
  'The permission is never checked: the restricted key can update.',
  (p) => { p.mayUpdate = () => true; });

fault('B14', 'permission', 'A key that lacks the permission is FORBIDDEN with 403 (facts 15, 9).',
  'The restricted key gets 401 UNAUTHORIZED.',
  (p) => { p.forbidden = p.unauthorized; });

fault('B15', 'permission', 'A refused request changes nothing (fact 19).',
  'The restricted key gets its 403, but the update is carried out as well.',
  (p) => {
    const { forbidden } = p;
    p.forbidden = (ctx) => {
      goOn(p, ctx);
      return forbidden(ctx);
    };
  });

fault('B16', 'permission', 'A key that lacks the permission is FORBIDDEN (fact 15).',
  'The permission is checked for completed only: the restricted key can set failed.',
  (p) => {
    const { mayUpdate } = p;
    p.mayUpdate = (ctx) => {
      try {
        if (JSON.parse(ctx.raw.toString()).status === 'failed') return true;
      } catch {
        // Not JSON: the ordinary rule decides.
      }
      return mayUpdate(ctx);
    };
  }, HARD);

// ---- ids ---------------------------------------------------------------------------

fault('B17', 'ids', 'UUID versions 1 to 8 are valid (fact 5).',
  'campaignId of the versions 6, 7 and 8 gets 422, as with older UUID patterns.',
  (p) => { p.patterns.campaignId = new RegExp(UUID.source.replace('[1-8]', '[1-5]')); });

fault('B18', 'ids', 'The variant digit is 8, 9, a or b (fact 5).',
  'The variant digit of campaignId is not checked.',
  (p) => { p.patterns.campaignId = new RegExp(UUID.source.replace('[89abAB]', '[0-9a-fA-F]')); });

fault('B19', 'ids', 'The nil UUID is valid (fact 5).',
  'campaignId refuses the nil UUID with 422.',
  (p) => { p.patterns.campaignId = new RegExp(UUID.source.replace('|00000000-0000-0000-0000-000000000000', '')); });

fault('B20', 'ids', 'The max UUID is valid in lower case only (fact 5).',
  'customerId accepts the max UUID in upper case: 404 instead of 422.',
  (p) => { p.patterns.customerId = new RegExp(UUID.source, 'i'); });

fault('B21', 'ids', 'The pattern ends at the end of the string, not before a final newline (fact 5).',
  'campaignId accepts a newline after the UUID.',
  (p) => { p.clean.campaignId = mapString((v) => v.replace(/\n$/, '')); });

fault('B22', 'ids', 'Hex digits may be in either case (fact 5).',
  'customerId refuses upper-case hex digits with 422.',
  (p) => { p.patterns.customerId = new RegExp(UUID.source.replaceAll('A-F', '').replace('AB', '')); });

fault('B23', 'ids', 'UUIDs compare without regard to case (fact 20).',
  'campaignId is compared letter by letter: an enrolled campaign written in the other case gets 404.',
  (p) => {
    const { find } = p;
    p.find = (input) => {
      const found = find(input);
      return found?.campaignId === input.campaignId ? found : undefined;
    };
  });

fault('B24', 'ids', 'The pattern allows no white space around a UUID (fact 5).',
  'customerId is trimmed before it is checked.',
  (p) => { p.clean.customerId = mapString((v) => v.trim()); });

fault('B25', 'ids', 'An id is of type string (fact 5).',
  'customerId given as an array of one string is accepted, because it is turned into a string first.',
  (p) => { p.clean.customerId = (v) => (Array.isArray(v) ? String(v) : v); }, HARD);

fault('B26', 'ids', 'Hex digits may be in either case, also mixed (fact 5).',
  'campaignId may be all lower or all upper case, but mixed case gets 422.',
  (p) => {
    const { test } = RegExp.prototype;
    p.patterns.campaignId = { test: (v) => test.call(UUID, v) && (v === v.toLowerCase() || v === v.toUpperCase()) };
  }, HARD);

fault('B27', 'ids', 'A customer that is not enrolled is NOT_FOUND (fact 15).',
  'The nil UUID as customerId matches any customer of the campaign, whose enrollment is then changed.',
  (p) => {
    const { find } = p;
    p.find = (input) => find(input) ?? (/^[0-]+$/.test(input.customerId)
      ? [...p.store.values()].find((e) => e.campaignId.toLowerCase() === input.campaignId.toLowerCase())
      : undefined);
  }, HARD);

fault('B28', 'ids', 'The pattern allows ASCII hex digits only (fact 5).',
  'campaignId is normalised (NFKC) before the check, so full-width digits are accepted.',
  (p) => { p.clean.campaignId = mapString((v) => v.normalize('NFKC')); }, HARD);

fault('B29', 'ids', 'The variant digit may be A or B in upper case (fact 5).',
  'customerId refuses an upper-case variant digit; other digits may be in upper case.',
  (p) => { p.patterns.customerId = new RegExp(UUID.source.replace('[89abAB]', '[89ab]')); }, HARD);

// ---- status ------------------------------------------------------------------------

fault('B30', 'status', 'failed is an allowed terminal status (fact 7).',
  'failed is refused with 400; only completed works.',
  (p) => { p.terminal = ['completed']; });

fault('B31', 'status', 'Only completed and failed are allowed (fact 7).',
  'cancelled is taken as terminal and accepted.',
  (p) => { p.terminal.push('cancelled'); });

fault('B32', 'status', 'status is one of nine names as written (fact 6).',
  'status is put into lower case first, so Completed and FAILED are accepted.',
  (p) => { p.clean.status = mapString((v) => v.toLowerCase()); });

fault('B33', 'status', 'status is one of nine names (fact 6).',
  'A tenth status, canceled with one l, is accepted with 200.',
  (p) => {
    p.statuses.push('canceled');
    p.terminal.push('canceled');
  }, HARD);

fault('B34', 'status', 'A refused request changes nothing (fact 19).',
  'A non-terminal status is refused with 400, but it has been stored: the next previousStatus shows it.',
  (p) => {
    const { notTerminal } = p;
    p.notTerminal = (ctx) => {
      const enrollment = p.find(ctx.input);
      if (enrollment) p.save(enrollment, ctx.input.status, ctx);
      return notTerminal(ctx);
    };
  });

fault('B35', 'status', 'status is one of nine names (fact 6).',
  'The status is looked up in a plain object, so inherited names such as constructor are accepted.',
  (p) => {
    const terminalByStatus = Object.fromEntries(p.statuses.map((s) => [s, p.terminal.includes(s)]));
    p.isStatus = (v) => v in terminalByStatus;
    p.isTerminal = (v) => Boolean(terminalByStatus[v]);
  }, HARD);

fault('B36', 'status', 'A non-terminal status is refused (facts 7, 16).',
  'A non-terminal status gets 200 with success false; nothing is stored.',
  (p) => {
    const { terminalOnly } = p;
    p.terminalOnly = () => {};
    const { update } = p;
    p.update = (ctx) => {
      try {
        terminalOnly(ctx);
      } catch {
        const { status, id } = ctx.enrollment;
        ctx.result = { success: false, previousStatus: status, newStatus: status, customerCampaignId: id };
        return;
      }
      update(ctx);
    };
  });

// ---- schema ------------------------------------------------------------------------

fault('B37', 'schema', 'status is required (fact 8).',
  'A missing status is taken as completed.',
  (p) => { p.clean.status = (v) => (v === undefined ? 'completed' : v); });

fault('B38', 'schema', 'Unknown fields are ignored (fact 8).',
  'An unknown field is refused with 422.',
  (p) => {
    p.extraIssues = (body) => Object.keys(body)
      .filter((key) => !['customerId', 'campaignId', 'status'].includes(key))
      .map((key) => ({ code: 'unrecognized_keys', path: [key], message: 'Unrecognized key in object' }));
  });

fault('B39', 'schema', 'A JSON body that breaks the schema is refused with 422 (fact 17).',
  'Schema errors are answered with 400; the body is otherwise the same.',
  (p) => {
    const { invalid } = p;
    p.invalid = (issues) => Object.assign(invalid(issues), { status: 400 });
  });

fault('B40', 'schema', 'A JSON body whose top is not an object is refused with 422 or 400 (fact 26).',
  'The body null makes the server answer 500.',
  (p) => {
    const { validate } = p;
    p.validate = (ctx) => {
      if (ctx.body === null) throw new TypeError('Cannot read properties of null');
      validate(ctx);
    };
  });

fault('B41', 'schema', 'Unknown fields are ignored (fact 8); customerCampaignId names the enrollment (fact 18).',
  'Unknown fields of the body named previousStatus or customerCampaignId are copied into the answer.',
  (p) => changeResult(p, (result, ctx) => {
    for (const key of ['previousStatus', 'customerCampaignId']) {
      if (Object.hasOwn(ctx.body, key)) result[key] = ctx.body[key];
    }
    return result;
  }), HARD);

// ---- 422 body ----------------------------------------------------------------------

fault('B42', '422 body', 'errors[].path is an array of strings (fact 12).',
  'errors[].path is one string with dots.',
  (p) => eachIssue(p, (issue) => ({ ...issue, path: issue.path.join('.') })));

fault('B43', '422 body', 'errors[].path names the bad field (fact 17).',
  'An error in campaignId is reported with the path customerId.',
  (p) => eachIssue(p, (issue) => ({ ...issue, path: issue.path.map((f) => (f === 'campaignId' ? 'customerId' : f)) })));

fault('B44', '422 body', 'errors[].received is a string (fact 12).',
  'For a value of the wrong type, received is the value itself (a number, an object) and not a string.',
  (p) => {
    const { wrongType } = p;
    p.wrongType = (path, expected, value) => ({ ...wrongType(path, expected, value), received: value });
  });

fault('B45', '422 body', 'errors[].code is a string (fact 12).',
  'The error for a missing field has no code; other errors have one.',
  (p) => eachIssue(p, (issue) => (issue.message === 'Required' ? { ...issue, code: undefined } : issue)));

fault('B46', '422 body', 'A 422 body is JSON with message, code and errors (fact 12).',
  'Content-Length counts characters instead of bytes: a 422 that repeats a non-ASCII status is cut off.',
  (p) => {
    const { encode } = p;
    p.encode = (value) => {
      const { buffer, type } = encode(value);
      return { buffer: buffer.subarray(0, buffer.toString().length), type };
    };
  }, HARD);

// ---- JSON --------------------------------------------------------------------------

fault('B47', 'json', 'A body that is not JSON is refused with 400 (fact 17).',
  'A body that is not JSON makes the server answer 500.',
  (p) => { p.badJson = (cause) => cause; });

fault('B48', 'json', 'The order of properties does not matter (fact 25).',
  'When campaignId comes before customerId in the body, the two ids are swapped.',
  (p) => {
    const { input } = p;
    p.input = (body) => {
      const keys = Object.keys(body);
      const found = input(body);
      if (!keys.includes('campaignId') || keys.indexOf('campaignId') > keys.indexOf('customerId')) return found;
      return { ...found, customerId: found.campaignId, campaignId: found.customerId };
    };
  });

fault('B49', 'json', 'White space around tokens does not matter (fact 25).',
  'A body that begins with white space is refused with 400.',
  (p) => { p.checkText = (text) => { if (/^\s/.test(text)) throw p.badJson(); }; });

fault('B50', 'json', 'Escapes in strings do not change their meaning (fact 25).',
  'A body that contains a backslash is refused with 400.',
  (p) => { p.checkText = (text) => { if (text.includes('\\')) throw p.badJson(); }; });

fault('B51', 'json', 'A valid body updates the status (fact 1).',
  'Only the first piece of the body is read: a body that arrives in two pieces is refused with 400.',
  (p) => {
    const { readBody } = p;
    p.readBody = async (ctx) => {
      let first;
      const req = ctx.req;
      ctx.req = {
        async* [Symbol.asyncIterator]() {
          for await (const chunk of req) {
            // The rest is read and dropped, as when a handler is attached with once().
            if (!first) yield (first = chunk);
          }
        },
      };
      await readBody(ctx);
      ctx.req = req;
    };
  }, HARD);

fault('B52', 'json', 'A body that is not JSON is refused (fact 17).',
  'Anything after the closing brace of the object is ignored.',
  (p) => {
    const { parseJson } = p;
    p.parseJson = (text) => parseJson(text.slice(0, text.lastIndexOf('}') + 1));
  });

fault('B53', 'json', 'A 400 body is JSON with message and code (fact 11).',
  'The 400 for a body that is not JSON is an HTML page.',
  (p) => {
    const { badJson, encode } = p;
    let page;
    p.badJson = () => (page = badJson());
    const { sendError } = p;
    p.sendError = (ctx, error) => {
      ctx.page = error === page;
      sendError(ctx, error);
    };
    p.encode = (value, ctx, status) => (ctx.page
      ? { buffer: Buffer.from('<!DOCTYPE html><title>Error</title><pre>Bad Request</pre>'), type: 'text/html; charset=utf-8' }
      : encode(value, ctx, status));
  });

// ---- media type and size -----------------------------------------------------------

fault('B54', 'media type', 'application/json; charset=utf-8 is JSON (fact 24).',
  'A Content-Type with a charset gets 415.',
  (p) => { p.isJson = (header) => header.toLowerCase() === 'application/json'; });

fault('B55', 'media type', 'A body of another media type than JSON is refused (fact 24).',
  'JSON sent as text/plain is accepted.',
  (p) => {
    const { isJson } = p;
    p.isJson = (header) => isJson(header) || header.startsWith('text/plain');
  });

fault('B56', 'size', 'Only bodies over 10 KB may be refused for their size; a longer body with an ignored field is valid (facts 23, 8).',
  'Bodies over 1 KB get 413.',
  (p) => { p.bodyLimit = 1024; });

// ---- lookup ------------------------------------------------------------------------

fault('B57', 'lookup', 'A pair that does not exist is NOT_FOUND (fact 15).',
  'A pair that is not enrolled is created and answered with 200.',
  (p) => {
    const { find } = p;
    p.find = (input) => {
      const found = find(input);
      if (found) return found;
      const key = pairKey(input.customerId, input.campaignId);
      const created = { id: uuidFrom(key), customerId: input.customerId, campaignId: input.campaignId, status: 'pending' };
      p.store.set(key, created);
      return created;
    };
  });

fault('B58', 'lookup', 'A pair that does not exist is NOT_FOUND (fact 15).',
  'Customer and campaign are looked up one by one: an enrolled customer with a campaign of somebody else changes the customer\'s own enrollment.',
  (p) => {
    const { find } = p;
    p.find = (input) => {
      const found = find(input);
      if (found) return found;
      const all = [...p.store.values()];
      const same = (a, b) => a.toLowerCase() === b.toLowerCase();
      if (!all.some((e) => same(e.campaignId, input.campaignId))) return undefined;
      return all.find((e) => same(e.customerId, input.customerId));
    };
  });

fault('B59', 'lookup', 'The code of a missing resource is NOT_FOUND (fact 15).',
  'When the customer exists but not in this campaign, the code is CUSTOMER_CAMPAIGN_NOT_FOUND.',
  (p) => {
    const { notFound } = p;
    p.notFound = (ctx) => {
      const known = [...p.store.values()].some((e) => e.customerId.toLowerCase() === ctx.input.customerId.toLowerCase());
      return known ? new ApiError(404, 'CUSTOMER_CAMPAIGN_NOT_FOUND', 'Customer is not enrolled in this campaign') : notFound(ctx);
    };
  });

// ---- state -------------------------------------------------------------------------

fault('B60', 'state', 'previousStatus is the status before the call (fact 18).',
  'The new status is not stored: a second update shows the first status again.',
  (p) => { p.save = () => {}; });

fault('B61', 'state', 'previousStatus is the status before the call (fact 18).',
  'previousStatus is read after the change, so it always equals newStatus.',
  (p) => changeResult(p, (result) => ({ ...result, previousStatus: result.newStatus })));

fault('B62', 'state', 'previousStatus is the status of this enrollment before the call (fact 18).',
  'After the first update of any enrollment, previousStatus is the last status set on any of them.',
  (p) => {
    let last;
    changeResult(p, (result) => {
      const previousStatus = last ?? result.previousStatus;
      last = result.newStatus;
      return { ...result, previousStatus };
    });
  }, HARD);

fault('B63', 'state', 'previousStatus is the status before the call (fact 18).',
  'Answers are kept by body: the same body sent again gets the first answer, and nothing is changed.',
  (p) => {
    const { update } = p;
    const answers = new Map();
    p.update = (ctx) => {
      const key = JSON.stringify(ctx.input);
      if (!answers.has(key)) {
        update(ctx);
        answers.set(key, ctx.result);
      }
      ctx.result = answers.get(key);
    };
  }, HARD);

fault('B64', 'state', 'customerCampaignId names the enrollment: the same for the same pair (fact 18).',
  'customerCampaignId is a new random UUID in each answer.',
  (p) => changeResult(p, (result) => ({ ...result, customerCampaignId: randomUUID() })));

fault('B65', 'state', 'customerCampaignId is the same for the same pair, and case does not matter (facts 18, 20).',
  'customerCampaignId depends on the letter case in which the ids were sent.',
  (p) => changeResult(p, (result, { input }) => ({
    ...result,
    customerCampaignId: uuidFrom(`${input.customerId}:${input.campaignId}`),
  })), HARD);

fault('B66', 'state', 'newStatus, previousStatus and customerCampaignId belong to the call (fact 18).',
  'The result is kept in a variable shared by all requests: of two requests at the same time, one gets the answer of the other.',
  (p) => {
    const { update } = p;
    let current;
    p.update = async (ctx) => {
      update(ctx);
      current = ctx.result;
      await sleep(20); // stands for a write to the database
      ctx.result = current;
    };
  }, HARD);

fault('B67', 'state', 'newStatus is what the enrollment has after the call, so the next previousStatus equals it (fact 18).',
  'Every tenth update is answered with 200 but not stored.',
  (p) => {
    const { save } = p;
    let count = 0;
    p.save = (...args) => {
      count += 1;
      if (count % 10 !== 0) save(...args);
    };
  }, HARD);

// ---- 200 body ----------------------------------------------------------------------

fault('B68', '200 body', 'success is a boolean (fact 10).',
  'success is the string "true".',
  (p) => changeResult(p, (result) => ({ ...result, success: 'true' })));

fault('B69', '200 body', 'previousStatus is a string, the status before the call (facts 10, 18).',
  'previousStatus is null in the first answer for an enrollment; later answers are right.',
  (p) => {
    const seen = new Set();
    changeResult(p, (result) => {
      const first = !seen.has(result.customerCampaignId);
      seen.add(result.customerCampaignId);
      return first ? { ...result, previousStatus: null } : result;
    });
  });

// ---- repeated updates --------------------------------------------------------------

fault('B70', 'repeat', 'Any documented response is allowed to a repeated update; 409 is not documented (facts 22, 9).',
  'Setting the status that the enrollment already has gets 409.',
  (p) => {
    const { lookup } = p;
    p.lookup = (ctx) => {
      lookup(ctx);
      if (ctx.enrollment.status === ctx.input.status) throw new ApiError(409, 'VALIDATION_ERROR', 'Status is unchanged');
    };
  });

// ---- rate limit --------------------------------------------------------------------

fault('B71', 'rate limit', 'The limit is 60 requests a minute (fact 14).',
  'The limit is twice as high: 120 requests a minute.',
  (p) => { p.limit *= 2; });

fault('B72', 'rate limit', 'retryAfter is in the body of a 429 (fact 13).',
  'The 429 has a Retry-After header, and its body lacks retryAfter.',
  (p) => {
    const { tooMany } = p;
    p.tooMany = (ms) => {
      const error = tooMany(ms);
      error.headers['Retry-After'] = String(error.extra.retryAfter);
      error.extra = {};
      return error;
    };
  });

fault('B73', 'rate limit', 'retryAfter counts seconds (fact 13).',
  'retryAfter counts milliseconds.',
  (p) => {
    const { tooMany } = p;
    p.tooMany = (ms) => Object.assign(tooMany(ms), { extra: { retryAfter: ms } });
  });

fault('B74', 'rate limit', 'A refused request changes nothing (fact 19).',
  'A request over the limit gets its 429, but the update is carried out as well.',
  (p) => {
    const { tooMany } = p;
    p.tooMany = (ms, ctx) => {
      goOn(p, ctx);
      return tooMany(ms);
    };
  }, HARD);

// ---- HTTP --------------------------------------------------------------------------

fault('B75', 'http', 'A path that the contract lacks gets 404 or 405 (fact 23).',
  'Paths are compared by their beginning: anything after the path, such as /v2/customers/campaign-status/x, is served too.',
  (p) => { p.matches = (ctx) => ctx.path.startsWith(ROUTE); }, HARD);

fault('B76', 'http', 'A method that the contract lacks gets 404 or 405, never a 5xx (fact 23).',
  'Every method but PATCH gets 501.',
  (p) => { p.methodNotAllowed = () => new ApiError(501, 'INTERNAL_ERROR', 'Not implemented'); });

fault('B77', 'http', 'A 405 has an Allow header (fact 27).',
  'The 405 has no Allow header.',
  (p) => {
    const { methodNotAllowed } = p;
    p.methodNotAllowed = () => Object.assign(methodNotAllowed(), { headers: {} });
  });

fault('B78', 'http', 'A method that the contract lacks gets 404 or 405 (fact 23).',
  'POST with the header X-HTTP-Method-Override: PATCH is carried out as PATCH.',
  (p) => {
    const { method } = p;
    p.method = (ctx) => (method(ctx) === 'POST' ? ctx.req.headers['x-http-method-override'] ?? 'POST' : method(ctx));
  }, HARD);

// ---- internals ---------------------------------------------------------------------

fault('B79', 'internals', 'An error body does not reveal internals (fact 28).',
  'The 404 for a pair that is not enrolled repeats the SQL query in its message.',
  (p) => {
    p.notFound = () => new ApiError(404, 'NOT_FOUND',
      'No rows returned: SELECT id, status FROM customer_campaigns WHERE customer_id = $1 AND campaign_id = $2 LIMIT 1');
  });

fault('B80', 'internals', 'An error body does not reveal internals such as stack traces and file paths (fact 28).',
  'The 400 for a body that is not JSON has a further property stack with the stack trace.',
  (p) => {
    const { badJson } = p;
    p.badJson = (cause) => Object.assign(badJson(), { extra: { stack: cause.stack } });
  });

export const FAULTS = list;
