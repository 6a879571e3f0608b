// The endpoint as an Express application with Zod, written from the contract's prose.
//
// The environment variable `BREAK` is the name of a deliberate mistake. `FINAL` is a status code with which later
// updates of an enrollment are rejected. The arguments are the port, then each enrollment as customer:campaign.
import express from "express";
import { z } from "zod";

const { BREAK = "", FINAL = "", CARECYCLE_API_KEY, CARECYCLE_RESTRICTED_API_KEY } = process.env;
const [port, ...pairs] = process.argv.slice(2);
const TERMINAL = ["completed", "failed"];
const OTHERS = ["pending", "awaiting_call", "in_progress", "expired", "cancelled", "skipped", "exceeded_max_calls"];
const CODES = { 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 500: "INTERNAL_ERROR" };

const id = BREAK === "guid" ? z.guid() : BREAK === "trimmed-ids" ? z.string().trim().pipe(z.uuid()) : z.uuid();
const Update = z.object({
  customerId: id,
  campaignId: id,
  status: z.enum([...TERMINAL, ...(BREAK === "two-statuses" ? [] : OTHERS)]),
});

const store = new Map(
  pairs.map((pair, number) => [
    pair.toLowerCase(),
    { status: "pending", id: `36ca8d1d-3d3d-48cf-bd1f-${String(number).padStart(12, "0")}` },
  ]),
);

const reject = (response, status, message, more = {}) =>
  response.status(status).json({ message, code: CODES[status] ?? "BAD_REQUEST", ...more });

const checkKey = (request, response, next) => {
  const key = request.get("x-api-key");
  if (key === CARECYCLE_RESTRICTED_API_KEY) return reject(response, 403, "The key lacks the permission");
  const known = BREAK === "key-in-any-case" ? key?.toLowerCase() === CARECYCLE_API_KEY.toLowerCase() : key === CARECYCLE_API_KEY;
  return known ? next() : reject(response, 401, "The key is missing or invalid");
};

const app = express();
app.use(express.json());
app
  .route("/v2/customers/campaign-status")
  .patch(checkKey, (request, response) => {
    if (!request.is("application/json")) return reject(response, 415, "The media type is not application/json");
    const { success, data, error } = Update.safeParse(request.body);
    if (!success) {
      const errors = error.issues.map(({ path, message, code, expected }) => ({
        path: path.map(String),
        message,
        code,
        ...(typeof expected === "string" && { expected }),
      }));
      const message = "The body failed validation";
      return response.status(422).json({ message, code: "VALIDATION_ERROR", ...(BREAK !== "no-errors" && { errors }) });
    }
    if (!TERMINAL.includes(data.status)) return reject(response, 400, "The status is not terminal");
    const record = store.get(`${data.customerId}:${data.campaignId}`.toLowerCase());
    if (!record) return reject(response, 404, "The customer is not enrolled in the campaign");
    if (FINAL && TERMINAL.includes(record.status)) return reject(response, Number(FINAL), "The status is final");
    const previousStatus = BREAK === "previous-is-new" ? data.status : record.status;
    record.status = data.status;
    if (BREAK === "created") return response.status(201).json({ id: record.id });
    return response.json({ success: true, previousStatus, newStatus: data.status, customerCampaignId: record.id });
  })
  .all((request, response) => {
    if (BREAK !== "no-allow") response.set("allow", "PATCH");
    return response.status(405).json({ message: "Only PATCH is allowed here", code: "METHOD_NOT_ALLOWED" });
  });
app.use((request, response) => reject(response, 404, "There is nothing at this path"));
app.use((error, request, response, next) => {
  const status = error.status ?? 500;
  return reject(response, status, BREAK === "stack-traces" ? error.stack : "The body cannot be read");
});
app.listen(Number(port), "127.0.0.1");
