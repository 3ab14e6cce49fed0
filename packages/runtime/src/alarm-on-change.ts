import type { Logger } from './logger.js';

/**
 * One line when something ceases to be as it should, and one when it is so again, however often it is looked at.
 * @param wrong follows the word ALARM
 * @param facts beside the words
 * @returns passes on what it is given
 */
export function alarmOnChange(
  logger: Logger,
  wrong: string,
  right: string,
  facts: () => object = () => ({}),
): (isRight: boolean) => boolean {
  let wasRight = true;
  return (isRight) => {
    if (wasRight && !isRight) logger.error(facts(), `ALARM: ${wrong}`);
    if (!wasRight && isRight) logger.info({}, right);
    wasRight = isRight;
    return isRight;
  };
}
