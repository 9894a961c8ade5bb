// Stands for the site's own log-in, so that the layout beside it compiles.
export interface User {
  /** Signed on the server: see docs/identity.md. */
  eloquentToken(): Promise<string>;
}

export async function session(): Promise<User | null> {
  return null;
}
