export { type SessionStore, sessionStore, type SessionStoreOptions } from './session/session-store.ts';
