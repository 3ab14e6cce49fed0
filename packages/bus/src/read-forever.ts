import { openBus } from './open-bus.js';

// For this package's own tests: a member in a process of its own, which a test stops and continues. Prints the first word of each message.
const [servers = '', token = '', seed = ''] = process.argv.slice(2);
const bus = await openBus({ servers, name: token, seed, inboxPrefix: `_INBOX_${token}` });
bus.consume({ stream: `IN_${token}`, durable: token }, async ({ data }) => {
  const [word] = new TextDecoder().decode(data.subarray(0, 32)).split(' ');
  process.stdout.write(`${word}\n`);
  return 'done';
});
