/** Express 4, which the types of Express 5 describe well enough for these tests. */
declare module 'express4' {
  import express = require('express');
  export = express;
}
