/** A server program is neither on this machine nor to be had from the system's packages; the message says what to install. */
export class ServerNotFound extends Error {
  override readonly name = 'ServerNotFound';
  /** The Debian packages that bring the program. */
  readonly packages: readonly string[];

  constructor(program: string, packages: readonly string[], cause?: unknown) {
    const reason = cause instanceof Error ? cause.message : 'it is not in PATH';
    super(
      `There is no ${program} on this machine, and it could not be fetched (${reason}). ` +
        `Install it, on Debian or Ubuntu with: apt-get install ${packages.join(' ')}`,
      { cause },
    );
    this.packages = packages;
  }
}
