// node server.mjs --port PORT [--fault ID]     or     node server.mjs --list
import { createParts, createServer } from './app.mjs';
import { FAULTS } from './faults.mjs';

function stop(message) {
  console.error(message);
  process.exit(2);
}

const options = { port: '0' };
const args = process.argv.slice(2);
while (args.length > 0) {
  const name = args.shift();
  if (name === '--list') options.list = true;
  else if (name === '--port' || name === '--fault') options[name.slice(2)] = args.shift() ?? stop(`${name} needs a value`);
  else stop(`unknown argument ${name}`);
}

if (options.list) {
  const rows = FAULTS.map(({ id, area, rule_broken, text }) => ({ id, area, rule_broken, text }));
  process.stdout.write(JSON.stringify(rows, null, 2) + '\n');
} else {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) stop('--port must be a number from 0 to 65535');

  const parts = createParts({
    apiKey: process.env.BLIND_API_KEY ?? '',
    restrictedKey: process.env.BLIND_RESTRICTED_API_KEY ?? '',
    enrollments: process.env.BLIND_ENROLLMENTS ?? '',
    rateLimit: Number(process.env.BLIND_RATE_LIMIT ?? 60),
    rateWindowMs: Number(process.env.BLIND_RATE_WINDOW_MS ?? 60_000),
  });
  if (options.fault !== undefined) {
    const fault = FAULTS.find(({ id }) => id === options.fault) ?? stop(`unknown fault ${options.fault}`);
    fault.apply(parts);
  }
  const server = createServer(parts);
  server.listen(port, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
}
