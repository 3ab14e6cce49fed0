// Loaded into a service before its own code: all that it reads as the time of day is shifted by what the file says, in
// milliseconds, and a signal makes it look again. Timers and the monotonic clock go on, as they do when a machine's clock is set.
import { readFileSync } from 'node:fs';

const TrueDate = Date;
let shiftMs = 0;
const look = () => {
  shiftMs = Number(readFileSync(process.env.SHIFTED_CLOCK_FILE, 'utf8'));
};
look();
process.on('SIGUSR2', look);

class ShiftedDate extends TrueDate {
  constructor(...args) {
    if (args.length === 0) super(TrueDate.now() + shiftMs);
    else super(...args);
  }
  static now() {
    return TrueDate.now() + shiftMs;
  }
}
Object.defineProperty(ShiftedDate, 'name', { value: 'Date' });
globalThis.Date = ShiftedDate;
