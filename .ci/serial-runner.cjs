const { default: TestRunner } = require('jest-runner');

/** Runs one test file at a time: what measures real servers wants the machine for itself. */
module.exports = class SerialRunner extends TestRunner {
  isSerial = true;
};
