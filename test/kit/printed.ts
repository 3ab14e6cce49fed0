import { beforeEach, vi } from 'vitest';

/** Keeps what commands print from the screen, for each test of a file. */
export function capturePrinted(): { text: string } {
  const printed = { text: '' };
  beforeEach(() => {
    printed.text = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed.text += String(text);
      return true;
    });
    return () => vi.restoreAllMocks();
  });
  return printed;
}
