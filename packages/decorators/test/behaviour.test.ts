// Every behaviour with standard decorators; the same files run with legacy ones in legacy/behaviour.test.ts.
import './behaviour/cached.ts';
