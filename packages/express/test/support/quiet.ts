import { afterEach, beforeEach, jest } from '@jest/globals';

/** The process warnings of each test, which are not printed. */
export function warnings(): string[] {
  const told: string[] = [];
  beforeEach(() => {
    told.length = 0;
    jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void told.push(String(warning)));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  return told;
}
