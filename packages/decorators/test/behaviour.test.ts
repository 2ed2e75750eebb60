// Every behaviour with standard decorators; the same files run with legacy ones in legacy/behaviour.test.ts.
import './behaviour/cached.ts';
import './behaviour/updates.ts';
import './behaviour/evicts.ts';
import './behaviour/names.ts';
import './behaviour/caches.ts';
import './behaviour/instances.ts';
import './behaviour/methods.ts';
import './behaviour/cache-of.ts';
import './behaviour/types.ts';
