// The endpoint PATCH /v2/customers/campaign-status, written as a table of parts so that
// a fault (see faults.mjs) can replace one part and leave everything else as it is.
import http from 'node:http';
import { createHash } from 'node:crypto';

export const ROUTE = '/v2/customers/campaign-status';

// "max" is allowed in lower case only, hex elsewhere in either case: no `i` flag here.
export const UUID =
  /^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$/;

export const STATUSES = [
  'pending', 'awaiting_call', 'in_progress', 'completed', 'failed',
  'expired', 'cancelled', 'skipped', 'exceeded_max_calls',
];
export const TERMINAL = ['completed', 'failed'];
const INITIAL = ['in_progress', 'awaiting_call', 'pending'];

const BODY_LIMIT = 100 * 1024;
const PERMISSION = 'customers:write';

export class ApiError extends Error {
  constructor(status, code, message, extra = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.extra = extra; // further properties of the body
    this.headers = {};
  }
}

// An enrollment's own id only has to be stable and unique, so it is derived from the pair.
export function uuidFrom(text) {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), '4' + hex.slice(13, 16), 'a' + hex.slice(17, 20), hex.slice(20, 32)].join('-');
}

export const pairKey = (customerId, campaignId) => `${customerId}:${campaignId}`.toLowerCase();

export function typeName(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function readEnrollments(text) {
  const store = new Map();
  text.split(',').map((pair) => pair.trim()).filter(Boolean).forEach((pair, index) => {
    const [customerId, campaignId] = pair.split(':');
    const key = pairKey(customerId, campaignId);
    if (store.has(key)) return;
    store.set(key, { id: uuidFrom(key), customerId, campaignId, status: INITIAL[index % INITIAL.length] });
  });
  return store;
}

export function createParts(config) {
  const p = {
    config,
    store: readEnrollments(config.enrollments),
    windows: new Map(),
    limit: config.rateLimit,
    windowMs: config.rateWindowMs,
    bodyLimit: BODY_LIMIT,
    statuses: [...STATUSES],
    terminal: [...TERMINAL],
    patterns: { customerId: UUID, campaignId: UUID },
    clean: { customerId: (v) => v, campaignId: (v) => v, status: (v) => v },

    // Cheap checks first; the body is looked at only for a key that may use the endpoint.
    steps: ['authenticate', 'authorise', 'rateLimit', 'parseBody', 'validate', 'terminalOnly', 'lookup', 'update', 'respond'],

    // ---- routing -------------------------------------------------------------------
    method: (ctx) => ctx.req.method,
    matches: (ctx) => ctx.path === ROUTE,
    route(ctx) {
      if (!p.matches(ctx)) throw new ApiError(404, 'NOT_FOUND', 'Route not found');
      if (p.method(ctx) !== 'PATCH') throw p.methodNotAllowed(ctx);
    },
    methodNotAllowed() {
      const error = new ApiError(405, 'NOT_FOUND', 'Method not allowed for this route');
      error.headers.Allow = 'PATCH';
      return error;
    },

    // ---- reading -------------------------------------------------------------------
    async readBody(ctx) {
      const chunks = [];
      let size = 0;
      for await (const chunk of ctx.req) {
        size += chunk.length;
        // The rest is read and dropped, so that the client gets its answer.
        if (size <= p.bodyLimit) chunks.push(chunk);
      }
      ctx.size = size;
      ctx.raw = Buffer.concat(chunks);
    },

    // ---- key, permission, rate -----------------------------------------------------
    presentedKey: (ctx) => ctx.req.headers['x-api-key'],
    sameKey: (presented, known) => presented === known,
    findClient(presented) {
      if (!presented) return undefined;
      if (config.apiKey && p.sameKey(presented, config.apiKey)) return { name: 'full', permissions: [PERMISSION] };
      if (config.restrictedKey && p.sameKey(presented, config.restrictedKey)) return { name: 'restricted', permissions: [] };
      return undefined;
    },
    authenticate(ctx) {
      ctx.client = p.findClient(p.presentedKey(ctx), ctx);
      if (!ctx.client) throw p.unauthorized(ctx);
    },
    unauthorized: () => new ApiError(401, 'UNAUTHORIZED', 'Missing or invalid API key'),
    mayUpdate: (ctx) => ctx.client.permissions.includes(PERMISSION),
    authorise(ctx) {
      if (!p.mayUpdate(ctx)) throw p.forbidden(ctx);
    },
    forbidden: () => new ApiError(403, 'FORBIDDEN', 'This API key lacks the permission to update customers'),
    bucket: (ctx) => ctx.client.name,
    rateLimit(ctx) {
      if (!p.limit) return;
      const now = Date.now();
      const name = p.bucket(ctx);
      let window = p.windows.get(name);
      if (!window || now >= window.end) {
        window = { end: now + p.windowMs, count: 0 };
        p.windows.set(name, window);
      }
      window.count += 1;
      if (window.count > p.limit) throw p.tooMany(window.end - now, ctx);
    },
    tooMany: (ms) => new ApiError(429, 'RATE_LIMIT_EXCEEDED', 'Rate limit exceeded', { retryAfter: Math.ceil(ms / 1000) }),

    // ---- body ----------------------------------------------------------------------
    isJson(header) {
      const [type, ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
      if (type !== 'application/json') return false;
      const charset = parameters.find((part) => part.startsWith('charset='));
      return !charset || /^charset="?utf-?8"?$/.test(charset);
    },
    checkText: () => {},
    parseJson: (text) => JSON.parse(text),
    badJson: () => new ApiError(400, 'VALIDATION_ERROR', 'The request body is not valid JSON'),
    parseBody(ctx) {
      const encoding = (ctx.req.headers['content-encoding'] ?? 'identity').toLowerCase();
      if (!p.isJson(ctx.req.headers['content-type'] ?? '') || encoding !== 'identity') {
        throw new ApiError(415, 'VALIDATION_ERROR', 'The request body must be application/json');
      }
      if (ctx.size > p.bodyLimit) throw new ApiError(413, 'VALIDATION_ERROR', 'The request body is too large');
      const text = new TextDecoder().decode(ctx.raw);
      p.checkText(text);
      try {
        ctx.body = p.parseJson(text);
      } catch (cause) {
        throw p.badJson(cause);
      }
    },

    // ---- validation ----------------------------------------------------------------
    isStatus: (value) => p.statuses.includes(value),
    isTerminal: (value) => p.terminal.includes(value),
    wrongType(path, expected, value) {
      const received = typeName(value);
      return {
        code: 'invalid_type', expected, received, path,
        message: received === 'undefined' ? 'Required' : `Expected ${expected}, received ${received}`,
      };
    },
    checkId(field, value) {
      if (typeof value !== 'string') return p.wrongType([field], 'string', value);
      if (!p.patterns[field].test(value)) return { code: 'invalid_string', path: [field], message: 'Invalid uuid' };
      return undefined;
    },
    checkStatus(value) {
      if (typeof value !== 'string') return p.wrongType(['status'], 'string', value);
      if (p.isStatus(value)) return undefined;
      return {
        code: 'invalid_enum_value', path: ['status'],
        expected: p.statuses.map((s) => `'${s}'`).join(' | '), received: value,
        message: 'Invalid enum value',
      };
    },
    extraIssues: () => [],
    input(body) {
      const own = (field) => p.clean[field](Object.hasOwn(body, field) ? body[field] : undefined);
      return { customerId: own('customerId'), campaignId: own('campaignId'), status: own('status') };
    },
    validate(ctx) {
      if (typeName(ctx.body) !== 'object') throw p.invalid([p.wrongType([], 'object', ctx.body)]);
      ctx.input = p.input(ctx.body);
      const issues = [
        p.checkId('customerId', ctx.input.customerId),
        p.checkId('campaignId', ctx.input.campaignId),
        p.checkStatus(ctx.input.status),
        ...p.extraIssues(ctx.body),
      ].filter(Boolean);
      if (issues.length > 0) throw p.invalid(issues);
    },
    invalid: (issues) => new ApiError(422, 'VALIDATION_ERROR', 'Validation failed', { errors: issues }),
    terminalOnly(ctx) {
      if (!p.isTerminal(ctx.input.status)) throw p.notTerminal(ctx);
    },
    notTerminal: () => new ApiError(400, 'VALIDATION_ERROR', 'Only the terminal statuses completed and failed can be set'),

    // ---- lookup and change ---------------------------------------------------------
    find: ({ customerId, campaignId }) => p.store.get(pairKey(customerId, campaignId)),
    lookup(ctx) {
      ctx.enrollment = p.find(ctx.input);
      if (!ctx.enrollment) throw p.notFound(ctx);
    },
    notFound: () => new ApiError(404, 'NOT_FOUND', 'Customer is not enrolled in this campaign'),
    save(enrollment, status) {
      enrollment.status = status;
    },
    update(ctx) {
      const previousStatus = ctx.enrollment.status;
      p.save(ctx.enrollment, ctx.input.status, ctx);
      ctx.result = {
        success: true,
        previousStatus,
        newStatus: ctx.input.status,
        customerCampaignId: ctx.enrollment.id,
      };
    },
    respond(ctx) {
      p.send(ctx, 200, ctx.result);
    },

    // ---- answers -------------------------------------------------------------------
    encode(value) {
      const buffer = Buffer.from(JSON.stringify(value));
      return { buffer, type: 'application/json; charset=utf-8' };
    },
    send(ctx, status, value, headers = {}) {
      const { buffer, type } = p.encode(value, ctx, status);
      ctx.res.writeHead(status, { 'Content-Type': type, 'Content-Length': buffer.length, ...headers });
      ctx.res.end(buffer);
    },
    sendError(ctx, error) {
      // Anything unexpected is reported without its details.
      const known = error instanceof ApiError ? error : new ApiError(500, 'INTERNAL_ERROR', 'Internal server error');
      p.send(ctx, known.status, { message: known.message, code: known.code, ...known.extra }, known.headers);
    },
  };
  return p;
}

export function createServer(p) {
  return http.createServer(async (req, res) => {
    const [path, query = ''] = req.url.split('?', 2);
    const ctx = { req, res, path, query };
    try {
      p.route(ctx);
      await p.readBody(ctx);
      for (const step of p.steps) await p[step](ctx);
    } catch (error) {
      if (req.destroyed && !req.complete) return; // the client has gone
      req.resume();
      p.sendError(ctx, error);
    }
  });
}
